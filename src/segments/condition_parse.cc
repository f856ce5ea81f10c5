#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/condition.h"
#include "segments/condition_reader.h"
#include "segments/geo_matcher.h"

namespace rapport {
namespace {

using namespace condition_reader;

class Parser {
 public:
  explicit Parser(std::string root) { usage_.root = std::move(root); }

  Condition parse(const dom::element& element, const std::string& path, size_t depth) {
    if (depth > limits::kMaxConditionDepth) {
      fail(path, fmt::format("is nested deeper than {}", limits::kMaxConditionDepth));
    }
    count_node(usage_, path);
    const dom::object object = as_object(element, path, "a condition object");
    if (find(object, "all", path)) return Condition{AllOf{children(object, "all", path, depth)}};
    if (find(object, "any", path)) {
      AnyOf any{children(object, "any", path, depth)};
      if (any.children.empty()) fail(path + ".any", "must hold at least one condition");
      return Condition{std::move(any)};
    }
    if (const auto child = find(object, "not", path)) {
      allow_keys(object, path, {"not"});
      return Condition{
          Negation{std::make_shared<const Condition>(parse(*child, path + ".not", depth + 1))}};
    }
    return leaf(object, path);
  }

  Usage& usage() { return usage_; }

 private:
  std::vector<Condition> children(const dom::object& object, std::string_view key,
                                  const std::string& path, size_t depth) {
    allow_keys(object, path, {key});
    const std::string list_path = fmt::format("{}.{}", path, key);
    std::vector<Condition> out;
    size_t index = 0;
    for (const dom::element child : as_array(require(object, key, path), list_path)) {
      out.push_back(parse(child, fmt::format("{}[{}]", list_path, index++), depth + 1));
    }
    return out;
  }

  Condition leaf(const dom::object& object, const std::string& path) {
    if (const auto trait = find(object, "trait", path)) {
      allow_keys(object, path,
                 {"trait", "op", "value", "case_insensitive", "accent_insensitive", "zone"});
      return Condition{
          TraitCondition{value_path(*trait, path + ".trait"), value_test(usage_, object, path)}};
    }
    if (find(object, "event", path)) {
      if (find(object, "not_followed_by", path)) return Condition{absence(object, path)};
      return Condition{event(object, path)};
    }
    if (find(object, "sequence", path)) return Condition{sequence(object, path)};
    if (find(object, "message", path)) return Condition{message(object, path)};
    if (find(object, "segment", path)) {
      return Condition{SegmentCondition{only_id<SegmentTag>(object, "segment", path), nullptr}};
    }
    if (find(object, "list", path)) {
      return Condition{ListCondition{only_id<ListTag>(object, "list", path)}};
    }
    if (find(object, "topic", path)) return Condition{topic(object, path)};
    if (find(object, "location", path)) return Condition{geo(object, path)};
    if (find(object, "bucket", path)) return Condition{bucket(object, path)};
    fail(path,
         "must hold one of: all, any, not, trait, event, sequence, message, segment, list, topic, "
         "location, bucket");
  }

  EventFilter filter(const dom::object& object, const std::string& path) {
    EventNames names = event_names(usage_, object, path);
    return {std::move(names), where(usage_, object, path)};
  }

  EventCondition event(const dom::object& object, const std::string& path) {
    allow_keys(object, path,
               {"event", "count", "where", "within", "older_than", "between", "between_ago",
                "in_period", "zone", "sum", "avg", "min", "max", "distinct", "first", "last"});
    EventCondition out;
    out.filter.names = event_names(usage_, object, path);
    if (const auto count = find(object, "count", path)) {
      out.count = count_tests(*count, path + ".count");
    }
    out.window = window(object, path);
    out.filter.where = where(usage_, object, path);
    out.aggregates = aggregates(usage_, object, path);
    for (const std::string_view key : {"first", "last"}) {
      const auto found = find(object, key, path);
      if (!found) continue;
      const std::string field = fmt::format("{}.{}", path, key);
      if (out.occurrence || !out.count.empty() || !out.aggregates.empty()) {
        fail(field, "stands alone: neither count nor sum, nor first beside last");
      }
      out.occurrence = occurrence(*found, field, key == "last");
    }
    return out;
  }

  OccurrenceTest occurrence(const dom::element& element, const std::string& path, bool last) {
    count_node(usage_, path);
    const dom::object object = as_object(element, path, "an object like {\"within\":\"30d\"}");
    allow_keys(object, path,
               {"where", "within", "older_than", "between", "between_ago", "in_period", "zone"});
    return {last, window(object, path), where(usage_, object, path)};
  }

  AbsenceCondition absence(const dom::object& object, const std::string& path) {
    allow_keys(object, path,
               {"event", "where", "within", "older_than", "between", "between_ago", "in_period",
                "zone", "not_followed_by"});
    AbsenceCondition out;
    out.filter = filter(object, path);
    out.window = window(object, path);
    const std::string field = path + ".not_followed_by";
    count_node(usage_, field);
    const dom::object absent = as_object(require(object, "not_followed_by", path), field,
                                         "an object like {\"event\":\"B\",\"within\":\"2d\"}");
    allow_keys(absent, field, {"event", "where", "within"});
    out.absent = filter(absent, field);
    out.within = duration(require(absent, "within", field), field + ".within");
    return out;
  }

  SequenceCondition sequence(const dom::object& object, const std::string& path) {
    allow_keys(object, path,
               {"sequence", "within", "older_than", "between", "between_ago", "in_period", "zone"});
    SequenceCondition out;
    const std::string list_path = path + ".sequence";
    for (const dom::element item : as_array(require(object, "sequence", path), list_path)) {
      const std::string item_path = fmt::format("{}[{}]", list_path, out.steps.size());
      if (out.steps.size() == limits::kMaxSequenceSteps) {
        fail(item_path, fmt::format("is beyond {} steps", limits::kMaxSequenceSteps));
      }
      count_node(usage_, item_path);
      const dom::object step = as_object(item, item_path, "an object like {\"event\":\"A\"}");
      if (out.steps.empty()) {
        allow_keys(step, item_path, {"event", "where"});
      } else {
        allow_keys(step, item_path, {"event", "where", "max_gap", "without"});
      }
      out.steps.push_back(sequence_step(step, item_path));
    }
    if (out.steps.size() < 2) fail(list_path, "must hold at least two steps");
    out.window = window(object, path);
    return out;
  }

  SequenceStep sequence_step(const dom::object& step, const std::string& path) {
    SequenceStep out;
    out.filter = filter(step, path);
    if (const auto gap = find(step, "max_gap", path)) {
      out.max_gap = duration(*gap, path + ".max_gap");
    }
    if (const auto without = find(step, "without", path)) {
      const std::string field = path + ".without";
      count_node(usage_, field);
      const dom::object object = as_object(*without, field, "an object like {\"event\":\"X\"}");
      allow_keys(object, field, {"event", "where"});
      out.without = filter(object, field);
    }
    return out;
  }

  MessageCondition message(const dom::object& object, const std::string& path) {
    allow_keys(object, path,
               {"message", "campaign", "journey", "channel", "topic", "count", "within",
                "older_than", "between", "between_ago", "in_period", "zone"});
    MessageCondition out;
    const std::string written = text(require(object, "message", path), path + ".message", 64);
    bool known = false;
    for (int i = 0; i <= static_cast<int>(MessageFactKind::kBounced); ++i) {
      if (name_of(static_cast<MessageFactKind>(i)) != written) continue;
      out.fact = static_cast<MessageFactKind>(i);
      known = true;
    }
    if (!known) {
      fail(path + ".message",
           "must be one of sent, delivered, opened, clicked, converted, bounced");
    }
    for (const auto& [key, member] : {std::pair{"campaign", &MessageCondition::campaign},
                                      std::pair{"journey", &MessageCondition::journey},
                                      std::pair{"channel", &MessageCondition::channel},
                                      std::pair{"topic", &MessageCondition::topic}}) {
      const auto found = find(object, key, path);
      if (!found) continue;
      out.*member = name(*found, fmt::format("{}.{}", path, key), limits::kMaxTraitNameBytes);
    }
    if (const auto count = find(object, "count", path)) {
      out.count = count_tests(*count, path + ".count");
    }
    out.window = window(object, path);
    return out;
  }

  template <class Tag>
  Id<Tag> only_id(const dom::object& object, std::string_view key, const std::string& path) {
    allow_keys(object, path, {key});
    const std::string field = fmt::format("{}.{}", path, key);
    const auto id = parse_id<Tag>(text(require(object, key, path), field, 64));
    if (!id) fail(field, fmt::format("must be an id that begins with {}", Tag::kPrefix));
    return *id;
  }

  TopicCondition topic(const dom::object& object, const std::string& path) {
    allow_keys(object, path, {"topic", "channel", "subscribed"});
    TopicCondition out;
    out.topic = name(require(object, "topic", path), path + ".topic", limits::kMaxTraitNameBytes);
    if (const auto channel = find(object, "channel", path)) {
      out.channel = name(*channel, path + ".channel", limits::kMaxTraitNameBytes);
    }
    if (const auto subscribed = find(object, "subscribed", path)) {
      out.subscribed = flag(*subscribed, path + ".subscribed");
    }
    return out;
  }

  static GeoPoint point(const dom::object& object, const std::string& path) {
    return {number(require(object, "lat", path), path + ".lat", -90, 90),
            number(require(object, "lon", path), path + ".lon", -180, 180)};
  }

  GeoCondition geo(const dom::object& object, const std::string& path) {
    allow_keys(object, path, {"location", "near", "inside"});
    GeoCondition out;
    out.location = value_path(require(object, "location", path), path + ".location");
    const auto near = find(object, "near", path);
    const auto inside = find(object, "inside", path);
    if (near.has_value() == inside.has_value()) {
      fail(path, "must hold either near or inside");
    }
    if (near) {
      const std::string field = path + ".near";
      const dom::object circle =
          as_object(*near, field, "an object like {\"lat\":10.77,\"lon\":106.7,\"km\":5}");
      allow_keys(circle, field, {"lat", "lon", "km"});
      out.center = point(circle, field);
      out.km = number(require(circle, "km", field), field + ".km", 0, limits::kMaxNearKm);
      if (out.km <= 0) fail(field + ".km", "must be above 0");
      return out;
    }
    const std::string field = path + ".inside";
    for (const dom::element item : as_array(*inside, field)) {
      const std::string item_path = fmt::format("{}[{}]", field, out.polygon.size());
      if (out.polygon.size() == limits::kMaxPolygonCorners) {
        fail(item_path, fmt::format("is beyond {} corners", limits::kMaxPolygonCorners));
      }
      const dom::object corner =
          as_object(item, item_path, "an object like {\"lat\":10.77,\"lon\":106.7}");
      allow_keys(corner, item_path, {"lat", "lon"});
      out.polygon.push_back(point(corner, item_path));
    }
    if (out.polygon.size() < 3) fail(field, "must hold at least three corners");
    if (const auto fault = polygon_fault(out.polygon)) fail(field, "is no polygon: " + *fault);
    return out;
  }

  BucketCondition bucket(const dom::object& object, const std::string& path) {
    allow_keys(object, path, {"bucket"});
    const std::string field = path + ".bucket";
    const dom::object range = as_object(require(object, "bucket", path), field,
                                        "an object like {\"salt\":\"x\",\"from\":0,\"to\":25}");
    allow_keys(range, field, {"salt", "from", "to"});
    BucketCondition out;
    out.salt = name(require(range, "salt", field), field + ".salt", limits::kMaxTraitNameBytes);
    const auto percent = [&](std::string_view key) {
      const std::string key_path = fmt::format("{}.{}", field, key);
      const double value = number(require(range, key, field), key_path, 0, 100) * 100;
      const double whole = std::round(value);
      if (std::abs(value - whole) > 1e-6) fail(key_path, "has more than two decimals");
      return static_cast<int>(whole);
    };
    out.from = percent("from");
    out.to = percent("to");
    if (out.to <= out.from) fail(field + ".to", "must be above from");
    return out;
  }

  Usage usage_;
};

/// Each level of a condition is an object and an array; a leaf adds up to eight. Deeper nesting is
/// for the tree to name while it is still JSON that an API body may hold.
constexpr size_t kMaxDepth = 2 * limits::kMaxConditionDepth + 32;

dom::element document(dom::parser& parser, std::string_view json, const std::string& root) {
  if (parser.allocate(std::max<size_t>(json.size(), 64), kMaxDepth) != simdjson::SUCCESS) {
    throw Error(ErrorCode::kInternal, "The condition could not be read.");
  }
  const auto parsed = parser.parse(simdjson::padded_string(json));
  if (parsed.error() == simdjson::DEPTH_ERROR) {
    fail(root, fmt::format("is nested deeper than {}", limits::kMaxConditionDepth));
  }
  if (parsed.error() != simdjson::SUCCESS) fail(root, "is not valid JSON");
  return parsed.value_unsafe();
}

}  // namespace

Condition parse_condition(std::string_view json, std::string_view field) {
  const std::string root(field);
  dom::parser parser;
  return Parser(root).parse(document(parser, json, root), root, 1);
}

ValueTest parse_value_test(std::string_view json, std::string_view field) {
  const std::string root(field);
  dom::parser parser;
  const dom::object object = as_object(document(parser, json, root), root, "an object");
  allow_keys(object, root, {"op", "value", "case_insensitive", "accent_insensitive", "zone"});
  Usage usage{root, 0, 0};
  return value_test(usage, object, root);
}

}  // namespace rapport
