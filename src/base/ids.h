// Strong identifiers and their public text form.
//
// An Id is a 64-bit number of one kind; two kinds do not mix. The public form is a prefix and 13
// Crockford base-32 digits ("cus_0000000000g5t"): it sorts like the number. Numbers come from the
// log offset of the creating event (customers), from a counter in the store (definitions), or from
// a hash (messages); nothing about a public id is secret.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rapport {

template <class Tag>
struct Id {
  static constexpr bool kIsId = true;
  uint64_t value = 0;
  auto operator<=>(const Id&) const = default;
};

struct WorkspaceTag {
  static constexpr std::string_view kPrefix = "wsp_";
};
struct UserTag {
  static constexpr std::string_view kPrefix = "usr_";
};
struct KeyTag {
  static constexpr std::string_view kPrefix = "key_";
};
struct CustomerTag {
  static constexpr std::string_view kPrefix = "cus_";
};
struct SegmentTag {
  static constexpr std::string_view kPrefix = "seg_";
};
struct ListTag {
  static constexpr std::string_view kPrefix = "lst_";
};
struct CampaignTag {
  static constexpr std::string_view kPrefix = "cmp_";
};
struct MessageTag {
  static constexpr std::string_view kPrefix = "msg_";
};

using WorkspaceId = Id<WorkspaceTag>;
using UserId = Id<UserTag>;
using KeyId = Id<KeyTag>;
using CustomerId = Id<CustomerTag>;
using SegmentId = Id<SegmentTag>;
using ListId = Id<ListTag>;
using CampaignId = Id<CampaignTag>;
using MessageId = Id<MessageTag>;

/// Position of an event in the log, from 1; 0 means "before the first".
using Offset = uint64_t;

std::string format_public_id(std::string_view prefix, uint64_t value);
/// Null when the prefix, length or alphabet is not right.
std::optional<uint64_t> parse_public_id(std::string_view prefix, std::string_view text);

template <class Tag>
std::string to_public(Id<Tag> id) {
  return format_public_id(Tag::kPrefix, id.value);
}

template <class Tag>
std::optional<Id<Tag>> parse_id(std::string_view text) {
  const auto value = parse_public_id(Tag::kPrefix, text);
  if (!value) return std::nullopt;
  return Id<Tag>{*value};
}

}  // namespace rapport

template <class Tag>
struct std::hash<rapport::Id<Tag>> {
  size_t operator()(rapport::Id<Tag> id) const noexcept {
    return static_cast<size_t>((id.value ^ (id.value >> 29)) * 0x9E3779B97F4A7C15ull);
  }
};
