#include "messaging/campaign.h"

#include <array>

#include "base/error.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "liquid/template.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxSubjectBytes = 2'000;

void check_template(const std::string& field, std::string_view source, size_t limit) {
  if (source.size() > limit) {
    throw Error::invalid(field, "is longer than " + std::to_string(limit) + " bytes");
  }
  try {
    liquid::Template::parse(source);
  } catch (const Error& error) {
    throw Error::invalid(field, error.public_detail());
  }
}

}  // namespace

std::string_view campaign_status_name(CampaignStatus status) {
  static constexpr std::array<std::string_view, 4> kNames{"draft", "starting", "sending", "done"};
  return kNames.at(static_cast<size_t>(status));
}

void check_campaign(const Campaign& campaign) {
  if (trim(campaign.name).empty()) throw Error::invalid("name", "is required");
  if (campaign.name.size() > kMaxNameBytes) {
    throw Error::invalid("name", "is longer than " + std::to_string(kMaxNameBytes) + " bytes");
  }
  if (campaign.channel != "email") throw Error::invalid("channel", "must be \"email\"");
  parse_mailbox(campaign.from, "from");
  if (campaign.from.find("{{") != std::string::npos ||
      campaign.from.find("{%") != std::string::npos) {
    throw Error::invalid("from", "is the same for everybody: it cannot hold template code");
  }
  const MessageTemplate& content = campaign.content;
  if (trim(content.subject).empty()) throw Error::invalid("template.subject", "is required");
  if (trim(content.html).empty() && trim(content.text).empty()) {
    throw Error::invalid("template.html", "html or text is required");
  }
  check_template("template.subject", content.subject, kMaxSubjectBytes);
  check_template("template.html", content.html, limits::kMaxTemplateBytes);
  check_template("template.text", content.text, limits::kMaxTemplateBytes);
}

}  // namespace rapport
