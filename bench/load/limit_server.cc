// rapport_limit PORT: the limit beside the program. A bare Beast server on one io thread a core
// that parses the JSON of each body and answers; it checks, stores and knows nothing.
#include <simdjson.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr uint64_t kMaxBody = 1024 * 1024;
constexpr auto ignore = [](std::exception_ptr) {};

asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket) {
  boost::beast::flat_buffer buffer;
  simdjson::dom::parser parser;
  try {
    while (true) {
      http::request_parser<http::string_body> request;
      request.body_limit(kMaxBody);
      co_await http::async_read(*socket, buffer, request, asio::use_awaitable);
      const std::string& body = request.get().body();
      simdjson::dom::element root;
      const bool bad = !body.empty() && parser.parse(body).get(root) != simdjson::SUCCESS;
      http::response<http::string_body> response(bad ? http::status::bad_request : http::status::ok,
                                                 11);
      response.set(http::field::content_type, "application/json");
      response.body() = R"({"success":true})";
      response.prepare_payload();
      co_await http::async_write(*socket, response, asio::use_awaitable);
    }
  } catch (const std::exception&) {
    // The peer left.
  }
}

asio::awaitable<void> accept(uint16_t port, std::vector<std::unique_ptr<asio::io_context>>* loops) {
  tcp::acceptor acceptor(*loops->front(), {asio::ip::address_v4::loopback(), port});
  for (size_t next = 0;; next = (next + 1) % loops->size()) {
    auto socket = std::make_shared<tcp::socket>(*(*loops)[next]);
    co_await acceptor.async_accept(*socket, asio::use_awaitable);
    socket->set_option(tcp::no_delay(true));
    asio::co_spawn(*(*loops)[next], serve(socket), ignore);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto port = static_cast<uint16_t>(std::atoi(argv[1]));
  std::vector<std::unique_ptr<asio::io_context>> loops;
  std::vector<std::thread> threads;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < cores; ++i) loops.push_back(std::make_unique<asio::io_context>(1));
  asio::co_spawn(*loops.front(), accept(port, &loops), ignore);
  for (auto& loop : loops) {
    threads.emplace_back([&loop] {
      const auto work = asio::make_work_guard(*loop);
      loop->run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}
