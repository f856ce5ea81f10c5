#include "http/request_guard.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace rapport {
namespace {

struct HeadCase {
  std::string name;
  std::string bytes;
  int status;  // 0: accepted
};

std::string get(std::string target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
std::string post(std::string fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n";
}
std::string host(std::string value) {
  return "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n";
}

std::string many_fields(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += "X-" + std::to_string(i) + ": 1\r\n";
  out.resize(out.size() - 2);
  return out;
}

const HeadCase kCases[] = {
    {"plain", get("/"), 0},
    {"query", get("/a/b?c=d&e=%20"), 0},
    {"escaped slash", get("/a%2Fb"), 0},
    {"utf-8 path", get("/%e4%bd%a0"), 0},
    {"dots inside a name", get("/a..b/.c/..."), 0},
    {"http 1.0 without host", "GET / HTTP/1.0\r\n\r\n", 0},
    {"length", post("Content-Length: 10"), 0},
    {"chunked", post("Transfer-Encoding: chunked"), 0},
    {"chunked in capitals", post("transfer-encoding: CHUNKED"), 0},
    {"options star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"empty value", post("X-A:"), 0},
    {"tab and text over ASCII in a value", post("X-A: a\tb\xc3\xa9"), 0},
    {"most fields", post(many_fields(limits::kMaxHeaderFields - 1)), 0},

    {"no end", "GET / HTTP/1.1\r\nHost: a\r\n", 400},
    {"empty", "", 400},
    {"empty line first", "\r\n" + get("/"), 400},
    {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"tab in the line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"method not a token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"version 2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"absolute target", get("http://a/"), 400},
    {"authority target", get("a:80"), 400},
    {"star for get", get("*"), 400},
    {"two slashes", get("//evil/x"), 400},
    {"fragment", get("/a#b"), 400},
    {"backslash", get("/a\\b"), 400},
    {"raw utf-8", get("/\xc3\xa9"), 400},
    {"dot dot", get("/a/../b"), 400},
    {"dot dot at the end", get("/a/.."), 400},
    {"single dot", get("/./a"), 400},
    {"escaped dot dot", get("/%2e%2e/a"), 400},
    {"dot dot behind escaped slash", get("/a%2f..%2fb"), 400},
    {"bad escape", get("/%zz"), 400},
    {"cut escape", get("/a%2"), 400},
    {"escaped NUL", get("/a%00"), 400},
    {"escaped line break", get("/a%0d%0ab"), 400},
    {"escaped half utf-8", get("/%c3"), 400},
    {"long target", get("/" + std::string(limits::kMaxTargetBytes, 'a')), 414},
    {"large header", post("X: " + std::string(limits::kMaxHeaderBytes, 'a')), 431},
    {"too many fields", post(many_fields(limits::kMaxHeaderFields)), 431},

    {"host missing", "GET / HTTP/1.1\r\n\r\n", 400},
    {"host doubled", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"host doubled on 1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400},
    {"host empty", host(""), 400},
    {"host with user", host("u@a"), 400},
    {"host with path", host("a/b"), 400},
    {"host with list", host("a, b"), 400},
    {"host with bad port", host("a:x"), 400},
    {"host with port", host("example.com:8080"), 0},
    {"host ipv6", host("[::1]:8080"), 0},
    {"host half ipv6", host("[::1"), 400},

    {"folded", post("X-A: a\r\n b"), 400},
    {"folded with tab", post("X-A: a\r\n\tb"), 400},
    {"space before colon", post("X-A : a"), 400},
    {"no colon", post("X-A"), 400},
    {"no name", post(": a"), 400},
    {"control in value", post("X-A: a\x01"), 400},
    {"NUL in value", post(std::string("X-A: a\0b", 8)), 400},
    {"bare CR in value", post("X-A: a\rb"), 400},
    {"bare CR at the end", post("Transfer-Encoding: chunked\r"), 400},
    {"bare LF between fields", post("X-A: a\nX-B: b"), 400},
    {"DEL in value", post("X-A: \x7f"), 400},

    {"xchunked", post("Transfer-Encoding: xchunked"), 501},
    {"chunked, identity", post("Transfer-Encoding: chunked, identity"), 501},
    {"gzip, chunked", post("Transfer-Encoding: gzip, chunked"), 501},
    {"chunked with parameter", post("Transfer-Encoding: chunked;q=1"), 501},
    {"empty encoding", post("Transfer-Encoding: "), 501},
    {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
    {"both framings", post("Transfer-Encoding: chunked\r\nContent-Length: 3"), 400},
    {"chunked on 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"length twice", post("Content-Length: 3\r\nContent-Length: 3"), 400},
    {"length list", post("Content-Length: 3, 3"), 400},
    {"length signed", post("Content-Length: +3"), 400},
    {"length negative", post("Content-Length: -3"), 400},
    {"length hex", post("Content-Length: 0x3"), 400},
    {"length empty", post("Content-Length:"), 400},
    {"length huge", post("Content-Length: 99999999999999999999"), 400},
    {"expect other", post("Expect: 200-ok"), 417},
};

TEST(RequestGuard, AcceptsAndRefuses) {
  RequestHead head;  // reused: nothing of one case may show in the next
  for (const HeadCase& c : kCases) {
    EXPECT_EQ(read_request_head(c.bytes, &head).status, c.status) << c.name;
  }
}

TEST(RequestGuard, TellsWhatWasAsked) {
  RequestHead head;
  const std::string bytes =
      "POST /a%20b?c=d?e HTTP/1.1\r\nHost: a\r\nContent-Length:  12 \r\nX-Name: v\r\n"
      "Connection: foo, Close\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_FALSE(read_request_head(bytes, &head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.raw_path, "/a%20b");
  EXPECT_EQ(head.raw_query, "c=d?e");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_EQ(head.field("x-NAME"), "v");
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_FALSE(head.upgrade_websocket);
  const std::string upgrade =
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, "
      "Upgrade\r\n\r\n";
  ASSERT_FALSE(read_request_head(upgrade, &head));
  EXPECT_TRUE(head.upgrade_websocket);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.content_length);
}

TEST(RequestGuard, FindsTheEndAcrossReads) {
  const std::string bytes = get("/") + "body";
  EXPECT_EQ(find_head_end(bytes), bytes.size() - 4);
  for (size_t cut = 0; cut < bytes.size() - 4; ++cut) {
    EXPECT_EQ(find_head_end(bytes.substr(0, cut)), 0u);
    EXPECT_EQ(find_head_end(bytes, cut), bytes.size() - 4);
  }
}

}  // namespace
}  // namespace rapport
