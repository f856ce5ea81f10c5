// A campaign: one message to one audience, and the rules of its fields and states. Pure; no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

enum class CampaignStatus : uint8_t {
  kDraft = 0,
  kStarting = 1,  // the audience is being fixed and queued
  kSending = 2,
  kDone = 3,  // every message of the audience ended; derived, never stored
};

/// "draft", "starting", "sending", "done".
std::string_view campaign_status_name(CampaignStatus status);

struct MessageTemplate {
  std::string subject;
  std::string html;
  std::string text;
};

struct Campaign {
  CampaignId id;
  WorkspaceId workspace;
  std::string name;
  SegmentId segment;
  std::string channel = "email";
  std::string from;
  MessageTemplate content;
  CampaignStatus status = CampaignStatus::kDraft;
  Timestamp created_at;
  std::optional<Timestamp> started_at;
  std::optional<int64_t> audience;  // once it is fixed
};

/// Throws kInvalidArgument that names the field: name, channel, from, template.subject, ….
void check_campaign(const Campaign& campaign);

}  // namespace rapport
