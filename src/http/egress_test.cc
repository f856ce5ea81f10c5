#include "http/egress.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "http/test_server.h"

namespace rapport {
namespace {

TEST(Egress, KnowsPublicAddresses) {
  for (const char* address : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1",
                              "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1",
                              "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
  for (const char* address : {"127.0.0.1",
                              "127.9.9.9",
                              "0.0.0.0",
                              "10.0.0.1",
                              "100.64.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "192.0.2.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::1",
                              "::",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "64:ff9b::7f00:1",
                              "2002:7f00:1::",
                              "2002:a00:1::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "::127.0.0.1",
                              "x",
                              ""}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

ErrorCode code_of(const Egress& egress, const std::string& url) {
  try {
    egress.fetch("GET", url);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Egress, RefusesWhatIsNotPublicBeforeConnecting) {
  const Egress egress;
  for (const char* url :
       {"http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://2130706433:9/",
        "http://0x7f.1:9/", "http://[::ffff:127.0.0.1]:9/", "http://169.254.169.254/latest/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "not an address"}) {
    EXPECT_EQ(code_of(egress, url), ErrorCode::kInvalidArgument) << url;
  }
}

TEST(Egress, BoundsRedirectsAndSizes) {
  using namespace testing_http;
  RouteGroup group;
  const auto redirect = [](std::string to) {
    return [to](const Request&) {
      Response response;
      response.status = 302;
      response.headers.emplace_back("Location", to);
      return response;
    };
  };
  group.routes.push_back(
      make_route("GET", "/ok", [](const Request&) { return Response::json("{}"); }));
  group.routes.push_back(make_route("GET", "/large", [](const Request&) {
    return Response::json(std::string(limits::kMaxEgressReplyBytes + 1, 'x'));
  }));
  group.routes.push_back(make_route("GET", "/loop", redirect("/loop")));
  group.routes.push_back(make_route("GET", "/once", redirect("/ok")));
  group.routes.push_back(make_route("GET", "/inside", redirect("http://127.0.0.2:9/")));
  group.routes.push_back(make_route("GET", "/file", redirect("file:///etc/passwd")));
  const SystemClock clock;
  const auto server = start_server(std::move(group), clock);
  const std::string base = "http://127.0.0.1:" + std::to_string(server->port());
  EgressOptions options;
  options.allowed = {"127.0.0.1"};
  const Egress egress(options);
  EXPECT_EQ(egress.fetch("GET", base + "/ok").body, "{}");
  EXPECT_EQ(egress.fetch("GET", base + "/once").body, "{}");
  EXPECT_EQ(egress.fetch("GET", base + "/missing").status, 404);
  EXPECT_EQ(code_of(egress, base + "/large"), ErrorCode::kPayloadTooLarge);
  EXPECT_EQ(code_of(egress, base + "/loop"), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(egress, base + "/inside"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(egress, base + "/file"), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rapport
