#include "messaging/campaigns/machine.h"

#include <gtest/gtest.h>

namespace rapport {
namespace {

TEST(Machine, IsToldByItsRequest) {
  struct Case {
    const char* agent;
    const char* header;
    const char* value;
    const char* open;
    const char* click;
  };
  const char* chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari";
  const Case cases[] = {
      {chrome, "accept", "*/*", "", ""},
      {"Mozilla/5.0", "accept", "*/*", "apple_privacy", ""},
      {"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
       "accept", "*/*", "", ""},
      {"YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "accept", "*/*",
       "", ""},
      {chrome, "sec-purpose", "prefetch;prerender", "prefetch", "prefetch"},
      {chrome, "x-moz", "Prefetch", "prefetch", "prefetch"},
      {chrome, "x-purpose", "preview", "prefetch", "prefetch"},
      {"", "accept", "*/*", "", ""},
      {"Barracuda Sentinel (EE)", "accept", "*/*", "scanner", "scanner"},
      {"Mozilla/5.0 (compatible; Googlebot/2.1)", "accept", "*/*", "scanner", "scanner"},
      {"python-requests/2.31", "accept", "*/*", "", ""},
  };
  for (const Case& c : cases) {
    Request request;
    request.method = "GET";
    request.headers = {{"user-agent", c.agent}, {c.header, c.value}};
    EXPECT_EQ(machine_reason(request, true), c.open) << c.agent;
    EXPECT_EQ(machine_reason(request, false), c.click) << c.agent;
    request.method = "HEAD";
    EXPECT_EQ(machine_reason(request, true), "head");
  }
}

}  // namespace
}  // namespace rapport
