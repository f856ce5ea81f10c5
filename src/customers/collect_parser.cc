#include "customers/collect_parser.h"

#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "customers/json_repair.h"

namespace rapport {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

std::optional<element> member(const object& from, std::string_view name) {
  element found;
  if (from.at_key(name).get(found) != SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

/// A scalar as text: clients send ids as strings or numbers. Null when absent, null or blank.
std::optional<std::string> scalar(const object& from, std::string_view name) {
  const auto value = member(from, name);
  if (!value) return std::nullopt;
  std::string text;
  switch (value->type()) {
    case element_type::STRING:
      text = std::string_view(value->get_string().value_unsafe());
      break;
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      text = simdjson::minify(*value);
      break;
    default:
      return std::nullopt;
  }
  if (trim(text).empty()) return std::nullopt;
  return text;
}

/// RFC 3339 text, or a number of milliseconds since 1970.
std::optional<Timestamp> read_time(const element& value) {
  if (value.type() == element_type::STRING) {
    return parse_timestamp(std::string_view(value.get_string().value_unsafe()));
  }
  double ms = 0;
  constexpr double kYear9999 = 253402300799000.0;
  if (value.get(ms) != SUCCESS || !(ms >= 0 && ms <= kYear9999)) return std::nullopt;
  return from_micros(static_cast<int64_t>(ms * 1000));
}

size_t depth_of(const element& value, size_t budget) {
  if (budget == 0) return 1;
  size_t deepest = 0;
  object as_object;
  simdjson::dom::array as_array;
  if (value.get(as_object) == SUCCESS) {
    for (const auto field : as_object)
      deepest = std::max(deepest, depth_of(field.value, budget - 1));
    return deepest + 1;
  }
  if (value.get(as_array) == SUCCESS) {
    for (const element item : as_array) deepest = std::max(deepest, depth_of(item, budget - 1));
    return deepest + 1;
  }
  return 0;
}

/// Thrown inside this file only, from checks of one event; never crosses `parse`.
struct Refusal {
  std::string field;
  std::string reason;
};

void check_object(const object& item, std::string_view name) {
  const auto value = member(item, name);
  if (value && !value->is_object()) throw Refusal{std::string(name), "must be an object"};
}

void check_count(const object& item, std::string_view name, size_t limit) {
  const auto value = member(item, name);
  object members;
  if (!value || value->get(members) != SUCCESS) return;
  if (members.size() > limit) {
    throw Refusal{std::string(name), "has more than " + std::to_string(limit) + " members"};
  }
}

void check_length(std::string_view field, std::string_view text, size_t limit) {
  if (text.size() > limit) {
    throw Refusal{std::string(field), "is longer than " + std::to_string(limit) + " bytes"};
  }
}

std::optional<Timestamp> time_member(const object& from, std::string_view name) {
  const auto value = member(from, name);
  if (!value) return std::nullopt;
  const auto time = read_time(*value);
  if (!time) throw Refusal{std::string(name), "is not an ISO 8601 time"};
  return time;
}

bool is_ipv4(std::string_view ip) {
  return ip.find('.') != ip.npos && ip.find(':') == ip.npos;
}

bool is_client_channel(const object& item) {
  const auto channel = scalar(item, "channel");
  return channel && (*channel == "browser" || *channel == "mobile" || *channel == "client");
}

/// Whether the `context` of an item, or of its batch, says that a browser or an app sent it.
bool has_client_context(const object& from) {
  const auto context = member(from, "context");
  object fields;
  if (!context || context->get(fields) != SUCCESS) return false;
  bool direct = false;
  const auto flag = member(fields, "direct");
  if (flag && flag->get(direct) == SUCCESS && direct) return true;
  const auto library = member(fields, "library");
  object about;
  if (!library || library->get(about) != SUCCESS) return false;
  const auto name = scalar(about, "name");
  return name && (*name == "analytics.js" || *name == "analytics-next" ||
                  name->find("RudderLabs JavaScript") != std::string::npos);
}

}  // namespace

Timestamp correct_clock_skew(std::optional<Timestamp> original, std::optional<Timestamp> sent,
                             Timestamp received, bool& clamped) {
  clamped = false;
  if (!original) return received;
  // The four digits of a year: two wild times may be further apart than that.
  constexpr Timestamp kYearOne = from_micros(-62'135'596'800'000'000);
  const Timestamp corrected = std::max(kYearOne, sent ? received - (*sent - *original) : *original);
  clamped = corrected > received;
  return clamped ? received : corrected;
}

struct CollectParser::State {
  simdjson::dom::parser parser;
};

namespace {

/// One body's parse: the batch-level facts and the result under construction.
class BodyParse {
 public:
  BodyParse(const CollectSource& source, const KeyResolver& resolve, Random& random)
      : source_(source), resolve_(resolve), random_(random) {}

  CollectResult run(const element& whole, const object& root);

 private:
  void find_workspace(const object& root);
  void read_batch(const object& root);
  void add(const element& item, size_t index);
  /// False when nothing after it needs to be looked at.
  bool reject_excess(const element& item, size_t index, size_t total);
  Event check(const element& whole, const object& item);
  void check_identity(const object& item, Event& event);
  void check_times(const object& item, Event& event);
  void reject(const element& item, size_t index, Refusal refusal);

  const CollectSource& source_;
  const KeyResolver& resolve_;
  Random& random_;
  CollectResult result_;
  std::vector<NewEvent> rejected_records_;
  WorkspaceId workspace_;
  std::optional<Timestamp> batch_sent_at_;
  bool client_batch_ = false;
  std::string shared_context_;
  std::string message_id_, name_, user_id_, anonymous_id_, related_id_, body_;
};

CollectResult BodyParse::run(const element& whole, const object& root) {
  find_workspace(root);
  if (!result_.known_key) return std::move(result_);
  if (source_.type) {
    add(whole, 0);
  } else {
    read_batch(root);
  }
  result_.good = result_.events.size();
  std::move(rejected_records_.begin(), rejected_records_.end(), std::back_inserter(result_.events));
  return std::move(result_);
}

void BodyParse::find_workspace(const object& root) {
  std::optional<WorkspaceId> workspace;
  bool any_key = false;
  const auto attempt = [&](const std::optional<std::string>& key) {
    if (workspace || !key || key->empty()) return;
    any_key = true;
    workspace = resolve_(*key);
  };
  if (!source_.header_key.empty()) attempt(source_.header_key);
  attempt(scalar(root, "writeKey"));
  if (!workspace && !source_.type) {
    // A batch of the browser client may carry the key on its items only.
    const auto batch = member(root, "batch");
    simdjson::dom::array items;
    object first;
    if (batch && batch->get(items) == SUCCESS && items.size() > 0 &&
        items.at(0).get(first) == SUCCESS) {
      attempt(scalar(first, "writeKey"));
    }
  }
  if (!any_key) {
    throw Error::invalid("writeKey", "is required: in Authorization (Basic), or in the body");
  }
  result_.known_key = workspace.has_value();
  if (workspace) workspace_ = *workspace;
}

void BodyParse::read_batch(const object& root) {
  const auto batch = member(root, "batch");
  simdjson::dom::array items;
  if (!batch || batch->get(items) != SUCCESS) {
    throw Error::invalid("batch", "must be an array of events");
  }
  if (const auto sent = member(root, "sentAt")) batch_sent_at_ = read_time(*sent);
  client_batch_ = has_client_context(root);
  if (const auto context = member(root, "context"); context && context->is_object()) {
    shared_context_ = simdjson::minify(*context);
    if (shared_context_.size() > limits::kMaxEventBytes) {
      throw Error::invalid("context", "is larger than an event may be");
    }
  }
  result_.events.reserve(std::min(items.size(), limits::kMaxBatchEvents));
  size_t index = 0;
  for (const element item : items) {
    if (index < limits::kMaxBatchEvents) {
      add(item, index);
    } else if (!reject_excess(item, index, items.size())) {
      break;
    }
    ++index;
  }
}

// Each item beyond the limit is kept as rejected, up to as many again; the rest of a body of
// thousands of tiny items is worth one record, or a batch would grow a hundredfold in the log.
bool BodyParse::reject_excess(const element& item, size_t index, size_t total) {
  object fields;
  message_id_ = item.get(fields) == SUCCESS ? scalar(fields, "messageId").value_or("") : "";
  std::string reason =
      "is beyond the " + std::to_string(limits::kMaxBatchEvents) + " events a batch may hold";
  const bool last = index + 1 >= 2 * limits::kMaxBatchEvents && index + 1 < total;
  if (last) reason += ", and so are the " + std::to_string(total - index - 1) + " after it";
  reject(item, index, {"batch", std::move(reason)});
  return !last;
}

void BodyParse::add(const element& item, size_t index) {
  message_id_.clear();
  try {
    object fields;
    if (item.get(fields) != SUCCESS) throw Refusal{"", "must be an object"};
    body_ = simdjson::minify(item);
    result_.events.push_back(make_new_event(check(item, fields)));
  } catch (Refusal& refusal) {
    reject(item, index, std::move(refusal));
  }
}

Event BodyParse::check(const element& whole, const object& item) {
  const bool import = source_.origin == EventOrigin::kImport;
  message_id_ = scalar(item, "messageId").value_or("");
  check_length("messageId", message_id_, limits::kMaxMessageIdBytes);
  if (message_id_.empty()) message_id_ = make_uuid(random_);
  const size_t limit = import ? limits::kMaxImportEventBytes : limits::kMaxEventBytes;
  if (body_.size() > limit) {
    throw Refusal{"", "is larger than " + std::to_string(limit / 1024) + " KB"};
  }
  const auto openings =
      std::count_if(body_.begin(), body_.end(), [](char c) { return c == '{' || c == '['; });
  if (static_cast<size_t>(openings) > limits::kMaxJsonDepth &&
      depth_of(whole, limits::kMaxJsonDepth + 1) > limits::kMaxJsonDepth) {
    throw Refusal{"", "is nested deeper than " + std::to_string(limits::kMaxJsonDepth)};
  }
  for (const std::string_view name : {"properties", "traits", "context"}) check_object(item, name);
  check_count(item, "properties", limits::kMaxProperties);
  check_count(item, "traits", limits::kMaxTraitsPerEvent);

  Event event;
  event.workspace = workspace_;
  event.origin = source_.origin;
  if (source_.type) {
    event.type = *source_.type;
  } else {
    const auto type = parse_event_type(scalar(item, "type").value_or(""));
    if (!type) {
      throw Refusal{"type", "must be one of track, identify, page, screen, group, alias"};
    }
    event.type = *type;
  }
  check_identity(item, event);
  check_times(item, event);
  event.message_id = message_id_;
  event.shared_context = shared_context_;
  event.body = body_;
  const bool client_side =
      source_.client_side || client_batch_ || is_client_channel(item) || has_client_context(item);
  if (is_ipv4(source_.remote_ip) && !import && client_side) {
    event.ip = source_.remote_ip;
  }
  return event;
}

void BodyParse::check_identity(const object& item, Event& event) {
  user_id_ = scalar(item, "userId").value_or("");
  anonymous_id_ = scalar(item, "anonymousId").value_or("");
  name_.clear();
  related_id_.clear();
  check_length("userId", user_id_, limits::kMaxIdentifierBytes);
  check_length("anonymousId", anonymous_id_, limits::kMaxIdentifierBytes);
  if (event.type == EventType::kAlias) {
    related_id_ = scalar(item, "previousId").value_or("");
    check_length("previousId", related_id_, limits::kMaxIdentifierBytes);
    if (user_id_.empty()) throw Refusal{"userId", "is required"};
    if (related_id_.empty()) throw Refusal{"previousId", "is required"};
  } else if (user_id_.empty() && anonymous_id_.empty()) {
    throw Refusal{"userId", "userId or anonymousId is required"};
  }
  if (event.type == EventType::kTrack) {
    name_ = scalar(item, "event").value_or("");
    if (name_.empty()) throw Refusal{"event", "is required"};
  } else if (event.type == EventType::kPage || event.type == EventType::kScreen) {
    name_ = scalar(item, "name").value_or("");
  } else if (event.type == EventType::kGroup) {
    related_id_ = scalar(item, "groupId").value_or("");
    if (related_id_.empty()) throw Refusal{"groupId", "is required"};
    check_length("groupId", related_id_, limits::kMaxIdentifierBytes);
  }
  check_length(event.type == EventType::kTrack ? "event" : "name", name_,
               limits::kMaxEventNameBytes);
  event.user_id = user_id_;
  event.anonymous_id = anonymous_id_;
  event.name = name_;
  event.related_id = related_id_;
}

void BodyParse::check_times(const object& item, Event& event) {
  const auto timestamp = time_member(item, "timestamp");
  const auto original = time_member(item, "originalTimestamp");
  const auto sent = time_member(item, "sentAt");
  event.received_at = source_.received_at;
  event.original_timestamp = original ? original : timestamp;
  bool clamped = false;
  if (source_.origin == EventOrigin::kImport) {
    event.timestamp =
        correct_clock_skew(event.original_timestamp, std::nullopt, source_.received_at, clamped);
  } else {
    event.sent_at = sent ? sent : batch_sent_at_;
    event.timestamp =
        correct_clock_skew(event.original_timestamp, event.sent_at, source_.received_at, clamped);
  }
  if (clamped) ++result_.clamped;
}

void BodyParse::reject(const element& item, size_t index, Refusal refusal) {
  const std::string raw = simdjson::minify(item);
  const std::string id = make_uuid(random_);
  Event event;
  event.workspace = workspace_;
  event.type = EventType::kRejected;
  event.origin = source_.origin;
  event.timestamp = event.received_at = source_.received_at;
  event.message_id = id;
  event.name = refusal.reason;
  event.related_id = refusal.field;
  event.anonymous_id = utf8_prefix(message_id_, limits::kMaxMessageIdBytes);
  event.body = utf8_prefix(raw, limits::kMaxRejectedBytes);
  rejected_records_.push_back(make_new_event(event));
  result_.rejections.push_back(
      {index, std::move(refusal.field), std::move(refusal.reason), message_id_});
}

}  // namespace

CollectParser::CollectParser() : state_(std::make_unique<State>()) {}
CollectParser::~CollectParser() = default;

CollectResult CollectParser::parse(std::string_view body, const CollectSource& source,
                                   const KeyResolver& resolve, Random& random) {
  const bool import = source.origin == EventOrigin::kImport;
  const size_t limit = import        ? limits::kMaxImportBatchBytes
                       : source.type ? limits::kMaxEventBytes
                                     : limits::kMaxBatchBytes;
  if (body.size() > limit) {
    throw Error(ErrorCode::kInvalidArgument,
                "The body is larger than " + std::to_string(limit / 1024) + " KB");
  }
  element root;
  object fields;
  // A half surrogate pair is refused, or worse, taken; the rest is found by the parser.
  auto outcome = has_surrogate_escape(body)
                     ? state_->parser.parse(repair_json(body)).get(root)
                     : state_->parser.parse(body.data(), body.size()).get(root);
  if (outcome == simdjson::NUMBER_ERROR || outcome == simdjson::UTF8_ERROR) {
    outcome = state_->parser.parse(repair_json(body)).get(root);
  }
  if (outcome != SUCCESS) {
    throw Error(ErrorCode::kInvalidArgument, "The body is not valid JSON",
                simdjson::error_message(outcome));
  }
  if (root.get(fields) != SUCCESS) {
    throw Error(ErrorCode::kInvalidArgument, "The body must be a JSON object");
  }
  return BodyParse(source, resolve, random).run(root, fields);
}

}  // namespace rapport
