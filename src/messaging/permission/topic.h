// Subscription topics: what a customer can agree to receive, and the rules of their fields.
//
// A topic is one subject a business writes about ("Weekly offers"). It says whether people get it
// until they refuse (opt-out) or only after they agreed (opt-in), whether agreeing is confirmed by
// a message (double opt-in), and whether its messages are transactional: receipts, password
// resets, answers, which need no consent and no cap. Pure; no I/O.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "messaging/permission/topic_id.h"

namespace rapport {

enum class MessageClass : uint8_t { kMarketing, kTransactional };
enum class TopicDefault : uint8_t {
  kOptIn,   // nobody gets it who did not agree
  kOptOut,  // everybody gets it who did not refuse
};

/// "marketing", "transactional".
std::string_view message_class_name(MessageClass value);
std::optional<MessageClass> parse_message_class(std::string_view name);
/// "opt_in", "opt_out".
std::string_view topic_default_name(TopicDefault value);
std::optional<TopicDefault> parse_topic_default(std::string_view name);

/// Texts by language tag ("en", "zh-Hans", "zh-Hant", "vi").
using LocalTexts = std::map<std::string, std::string>;

inline constexpr int64_t kDefaultPriority = 50;

struct Topic {
  TopicId id;
  WorkspaceId workspace;
  std::string name;         // for the team, and for customers whose language has no title
  LocalTexts titles;        // for customers
  LocalTexts descriptions;  // what they agree to
  std::vector<std::string> channels{"email"};
  TopicDefault default_consent = TopicDefault::kOptIn;
  bool double_opt_in = false;
  MessageClass message_class = MessageClass::kMarketing;
  int64_t priority = kDefaultPriority;  // 0…100: who goes first when a cap has one place left
  bool archived = false;                // no longer offered, nothing is sent about it
  int64_t version = 1;                  // grows with every change: which text somebody agreed to
  Timestamp created_at;
  Timestamp updated_at;

  /// In `language`, else English, else the name.
  std::string_view title(std::string_view language) const;
  /// In `language`, else English, else empty.
  std::string_view description(std::string_view language) const;
  bool on_channel(std::string_view channel) const;
};

/// The languages of what customers see, best first for a tag such as "zh-TW" or "vi-VN"; "en" when
/// it is none of them.
std::string_view page_language(std::string_view tag);

/// Throws kInvalidArgument that names the field: name, titles.xx, descriptions.xx, channels, ….
void check_topic(const Topic& topic);

}  // namespace rapport
