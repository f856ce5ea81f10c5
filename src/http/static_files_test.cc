#include "http/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "http/message.h"
#include "http/test_server.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    root_ = fs::path(testing::TempDir()) / ("static-" + std::to_string(getpid()));
    write("index.html", "<html>page</html>");
    write("favicon.ico", "icon");
    write("assets/app-1a.js", "script");
    write("assets/app-1a.js.gz", "GZ");
    write("assets/app-1a.js.br", "BR");
    write("../outside.txt", "outside");
    fs::create_symlink(root_ / "../outside.txt", root_ / "link.txt");
  }
  ~StaticFilesTest() override { fs::remove_all(root_); }

  void write(const std::string& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  fs::path root_;
};

TEST_F(StaticFilesTest, Serves) {
  struct Case {
    std::string path;
    std::string accept;
    std::string coding;
    std::string body;  // empty: nothing answers
  };
  const Case cases[] = {
      {"/", "*/*", "", "<html>page</html>"},
      {"/index.html", "*/*", "br", "<html>page</html>"},
      {"/customers/cus_1", "text/html", "", "<html>page</html>"},
      {"/customers/cus_1", "application/json", "", ""},
      {"/api/v1/nothing", "text/html", "", ""},
      {"/v1/nothing", "text/html", "", ""},
      {"/missing.js", "text/html", "", ""},
      {"/assets/app-1a.js", "*/*", "", "script"},
      {"/assets/app-1a.js", "*/*", "gzip", "GZ"},
      {"/assets/app-1a.js", "*/*", "gzip, br", "BR"},
      {"/assets/app-1a.js", "*/*", "gzip, br;q=0", "GZ"},
      {"/assets/app-1a.js.gz", "*/*", "", ""},
      {"/link.txt", "*/*", "", ""},
      {"/../outside.txt", "*/*", "", ""},
      {"/assets/../../outside.txt", "text/html", "", ""},
  };
  const StaticFiles files(root_);
  for (const Case& c : cases) {
    Request request;
    request.path = c.path;
    request.headers = {{"accept", c.accept}, {"accept-encoding", c.coding}};
    const auto response = files.serve(request);
    EXPECT_EQ(response ? response->body : "", c.body) << c.path << " " << c.coding;
  }
}

TEST_F(StaticFilesTest, SetsCachingAndRevalidates) {
  SystemClock clock;
  HttpServerOptions options;
  options.static_root = root_;
  const auto server = testing_http::start_server({}, clock, options);
  HttpClient client = testing_http::client_of(*server);
  const HttpReply page = client.send("GET", "/");
  EXPECT_EQ(page.header("cache-control"), "no-cache");
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(page.header("content-security-policy")), HasSubstr("script-src 'self';"));
  const std::string etag(page.header("etag"));
  const HttpReply known = client.send("GET", "/", {}, {{"If-None-Match", etag}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(client.send("GET", "/", {}, {{"If-None-Match", "\"other\""}}).status, 200);
  testing_http::RawSocket socket(server->port());
  socket.send("GET /assets/app-1a.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.read_all(), HasSubstr("max-age=31536000, immutable"));
  EXPECT_EQ(client.send("POST", "/", "x").status, 404);
}

TEST_F(StaticFilesTest, RefusesARootWithoutAPage) {
  fs::remove(root_ / "index.html");
  EXPECT_THROW(StaticFiles{root_}, Error);
  EXPECT_THROW(StaticFiles{root_ / "nowhere"}, Error);
}

}  // namespace
}  // namespace rapport
