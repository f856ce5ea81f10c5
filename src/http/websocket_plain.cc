#include "http/websocket_link.h"

namespace rapport {

Task<> run_websocket(Socket stream, std::shared_ptr<Worker> worker,
                     std::shared_ptr<Request> request, WebSocketFactory factory, AbortHook hook) {
  return run_websocket_link(std::move(stream), std::move(worker), std::move(request),
                            std::move(factory), std::move(hook));
}

}  // namespace rapport
