// The life of one upgraded connection. Internal to http/.
#pragma once

#include <functional>
#include <memory>

#include "http/connection.h"
#include "http/websocket.h"

namespace rapport {

/// Receives the function that ends the connection at once; it is to be called on the io thread.
using AbortHook = std::function<void(std::function<void()>)>;

/// Answers the upgrade, then exchanges messages until either side leaves.
Task<> run_websocket(Socket stream, std::shared_ptr<Worker> worker,
                     std::shared_ptr<Request> request, WebSocketFactory factory, AbortHook hook);
Task<> run_websocket(TlsStream stream, std::shared_ptr<Worker> worker,
                     std::shared_ptr<Request> request, WebSocketFactory factory, AbortHook hook);

}  // namespace rapport
