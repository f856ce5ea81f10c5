// Tells opens and clicks of machines from those of people, by what their request says. Pure.
//
// The rule, documented in docs/campaigns.md: an image fetched by Apple's mail privacy protection
// (its agent is "Mozilla/5.0" and nothing more) is loaded whether the mail is read or not; a
// request marked as a prefetch or preview (Sec-Purpose, Purpose, X-Purpose, X-Moz) or made with
// HEAD is nobody's; security gateways, link checkers and robots name themselves in their agent. An
// agent that says nothing, or that of an HTTP library, proves nothing and counts as a person's.
// Image proxies of Gmail, Yahoo and Outlook fetch when a person opens: those count as people. What
// a clever scanner hides stays a person's.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace rapport {

/// Why the request is a machine's: "apple_privacy", "prefetch", "scanner", "head";
/// empty when it looks like a person's. `open`: of the pixel, else of a link.
std::string machine_reason(const Request& request, bool open);

}  // namespace rapport
