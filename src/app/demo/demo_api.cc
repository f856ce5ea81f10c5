#include "app/demo/demo_api.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "runtime/pause.h"

namespace rapport::demo {
namespace {

constexpr int kAttempts = 20;
constexpr int64_t kLongestWaitS = 5;

HttpClientOptions options(std::string authorization) {
  HttpClientOptions result;
  result.headers = {{"Authorization", std::move(authorization)}};
  return result;
}

}  // namespace

DemoApi::DemoApi(std::string base_url, std::string authorization)
    : client_(std::move(base_url), options(std::move(authorization))) {}

boost::json::value DemoApi::get(const std::string& path) {
  return call("GET", path, {});
}
boost::json::value DemoApi::post(const std::string& path, std::string_view json) {
  return call("POST", path, json);
}
boost::json::value DemoApi::put(const std::string& path, std::string_view json) {
  return call("PUT", path, json);
}

boost::json::value DemoApi::call(std::string_view method, const std::string& path,
                                 std::string_view json) {
  for (int attempt = 1;; ++attempt) {
    const HttpReply reply = client_.send(method, path, json);
    const bool busy = reply.status == 429 || reply.status == 503;
    if (busy && attempt < kAttempts) {
      const int64_t wait = parse_int(reply.header("retry-after")).value_or(1);
      pause_for(std::chrono::seconds(std::clamp<int64_t>(wait, 1, kLongestWaitS)));
      continue;
    }
    if (!reply.ok()) {
      throw Error(ErrorCode::kUnprocessable, std::string(method) + " " + path + " was answered " +
                                                 std::to_string(reply.status) + " " + reply.body);
    }
    if (reply.body.empty()) return nullptr;
    boost::json::error_code error;
    auto value = boost::json::parse(reply.body, error);
    if (error) throw Error(ErrorCode::kInternal, path + " was not answered with JSON");
    return value;
  }
}

}  // namespace rapport::demo
