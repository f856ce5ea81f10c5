#include "messaging/campaigns/machine.h"

#include <array>

#include "base/text.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 4> kPurposeHeaders{"sec-purpose", "purpose", "x-purpose",
                                                          "x-moz"};
constexpr std::array<std::string_view, 24> kScanners{"barracuda",
                                                     "mimecast",
                                                     "proofpoint",
                                                     "symantec",
                                                     "messagelabs",
                                                     "fireeye",
                                                     "trendmicro",
                                                     "sophos",
                                                     "forcepoint",
                                                     "cloudmark",
                                                     "zscaler",
                                                     "safelinks",
                                                     "urldefense",
                                                     "ironport",
                                                     "bitdefender",
                                                     "kaspersky",
                                                     "bingpreview",
                                                     "phantomjs",
                                                     "bot",
                                                     "crawler",
                                                     "spider",
                                                     "preview",
                                                     "facebookexternalhit",
                                                     "whatsapp"};

}  // namespace

std::string machine_reason(const Request& request, bool open) {
  if (request.method == "HEAD") return "head";
  for (const std::string_view name : kPurposeHeaders) {
    const std::string value = to_lower_ascii(request.header(name));
    if (value.find("prefetch") != value.npos || value.find("preview") != value.npos) {
      return "prefetch";
    }
  }
  const std::string agent = to_lower_ascii(trim(request.header("user-agent")));
  if (open && agent == "mozilla/5.0") return "apple_privacy";
  for (const std::string_view mark : kScanners) {
    if (agent.find(mark) != agent.npos) return "scanner";
  }
  return {};
}

}  // namespace rapport
