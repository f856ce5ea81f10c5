// The demo's view of the program's HTTP API: JSON in, JSON out, patient when the program is busy.
//
// Every call is a real request over a connection of its own. An answer that is not 2xx is an Error
// with the program's own words. Used by one thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "http/client.h"

namespace rapport::demo {

class DemoApi {
 public:
  /// `authorization` is the header's value: "Bearer rk_…".
  DemoApi(std::string base_url, std::string authorization);

  boost::json::value get(const std::string& path);
  boost::json::value post(const std::string& path, std::string_view json);
  boost::json::value put(const std::string& path, std::string_view json);

 private:
  boost::json::value call(std::string_view method, const std::string& path, std::string_view json);

  HttpClient client_;
};

}  // namespace rapport::demo
