#include <fmt/format.h>

#include "base/text.h"
#include "segments/condition.h"

namespace rapport {
namespace {

void write(std::string& out, const Literal& literal) {
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::string>) {
          out += json_quote(value);
        } else {
          out += fmt::format("{}", value);
        }
      },
      literal);
}

void write_zone(std::string& out, ZoneOf zone) {
  if (zone == ZoneOf::kCustomer) out += R"(,"zone":"customer")";
}

bool takes_list(ValueOp op) {
  return op == ValueOp::kIn || op == ValueOp::kNotIn || op == ValueOp::kBetween ||
         op == ValueOp::kIncludesAny || op == ValueOp::kIncludesAll;
}

void write(std::string& out, const ValueTest& test) {
  out += fmt::format(R"("op":"{}")", name_of(test.op));
  if (takes_list(test.op)) {
    out += R"(,"value":)";
    for (size_t i = 0; i < test.values.size(); ++i) {
      out += i == 0 ? '[' : ',';
      write(out, test.values[i]);
    }
    out += ']';
  } else if (!test.values.empty()) {
    out += R"(,"value":)";
    write(out, test.values.front());
  } else if (test.length.count() > 0) {
    out += fmt::format(R"(,"value":"{}")", format_duration(test.length));
  } else if (test.days > 0) {
    out += fmt::format(R"(,"value":"{}d")", test.days);
  } else if (test.op == ValueOp::kInPeriod) {
    out += fmt::format(R"(,"value":"{}")", name_of(test.period));
  }
  if (test.case_insensitive) out += R"(,"case_insensitive":true)";
  if (test.accent_insensitive) out += R"(,"accent_insensitive":true)";
  write_zone(out, test.zone);
}

void write(std::string& out, const EventNames& names) {
  if (names.prefix) {
    out += R"({"prefix":)" + json_quote(names.names.front()) + "}";
  } else if (names.names.size() == 1) {
    out += json_quote(names.names.front());
  } else {
    for (size_t i = 0; i < names.names.size(); ++i) {
      out += (i == 0 ? "[" : ",") + json_quote(names.names[i]);
    }
    out += ']';
  }
}

void write_where(std::string& out, const std::vector<PropertyTest>& where, bool first = false) {
  if (where.empty()) return;
  if (!first) out += ',';
  out += R"("where":[)";
  for (size_t i = 0; i < where.size(); ++i) {
    if (i > 0) out += ',';
    out += R"({"property":)" + json_quote(to_text(where[i].property)) + ",";
    write(out, where[i].test);
    out += '}';
  }
  out += ']';
}

/// With a comma before it; nothing for ever.
void write(std::string& out, const Window& window) {
  switch (window.kind) {
    case Window::Kind::kEver:
      return;
    case Window::Kind::kWithin:
      out += fmt::format(R"(,"within":"{}")", format_duration(window.near));
      return;
    case Window::Kind::kOlderThan:
      out += fmt::format(R"(,"older_than":"{}")", format_duration(window.near));
      return;
    case Window::Kind::kBetween:
      out += fmt::format(R"(,"between":["{}","{}"])", format_timestamp(window.from),
                         format_timestamp(window.to));
      return;
    case Window::Kind::kBetweenAgo:
      out += fmt::format(R"(,"between_ago":["{}","{}"])", format_duration(window.far),
                         format_duration(window.near));
      return;
    case Window::Kind::kInPeriod:
      out += fmt::format(R"(,"in_period":"{}")", name_of(window.period));
      write_zone(out, window.zone);
      return;
  }
}

void write(std::string& out, const std::vector<CountTest>& count) {
  if (count.empty()) return;
  out += R"(,"count":{)";
  for (size_t i = 0; i < count.size(); ++i) {
    if (i > 0) out += ',';
    if (count[i].op == CountOp::kBetween) {
      out += fmt::format(R"("between":[{},{}])", count[i].value, count[i].upper);
    } else {
      out += fmt::format(R"("{}":{})", name_of(count[i].op), count[i].value);
    }
  }
  out += '}';
}

void write(std::string& out, const AggregateTest& test) {
  out += fmt::format(R"(,"{}":{{"property":{})", name_of(test.aggregate),
                     json_quote(to_text(test.property)));
  for (const NumberTest& t : test.tests) {
    if (t.op == CountOp::kBetween) {
      out += fmt::format(R"(,"between":[{},{}])", t.value, t.upper);
    } else {
      out += fmt::format(R"(,"{}":{})", name_of(t.op), t.value);
    }
  }
  out += '}';
}

void write_filter(std::string& out, const EventFilter& filter) {
  out += R"("event":)";
  write(out, filter.names);
  write_where(out, filter.where);
}

void write(std::string& out, const Condition& condition);

struct Writer {
  std::string& out;

  void list(std::string_view key, const std::vector<Condition>& children) const {
    out += fmt::format("{{\"{}\":[", key);
    for (size_t i = 0; i < children.size(); ++i) {
      if (i > 0) out += ',';
      write(out, children[i]);
    }
    out += "]}";
  }
  void operator()(const AllOf& node) const { list("all", node.children); }
  void operator()(const AnyOf& node) const { list("any", node.children); }
  void operator()(const Negation& node) const {
    out += R"({"not":)";
    write(out, *node.child);
    out += '}';
  }
  void operator()(const TraitCondition& node) const {
    out += R"({"trait":)" + json_quote(to_text(node.trait)) + ",";
    write(out, node.test);
    out += '}';
  }
  void operator()(const EventCondition& node) const {
    out += R"({"event":)";
    write(out, node.filter.names);
    write(out, node.count);
    write(out, node.window);
    write_where(out, node.filter.where);
    for (const AggregateTest& test : node.aggregates) write(out, test);
    if (node.occurrence) {
      std::string inner;
      write(inner, node.occurrence->window);
      if (!inner.empty()) inner.erase(0, 1);
      write_where(inner, node.occurrence->where, inner.empty());
      out += fmt::format(R"(,"{}":{{{}}})", node.occurrence->last ? "last" : "first", inner);
    }
    out += '}';
  }
  void operator()(const AbsenceCondition& node) const {
    out += '{';
    write_filter(out, node.filter);
    write(out, node.window);
    out += R"(,"not_followed_by":{)";
    write_filter(out, node.absent);
    out += fmt::format(R"(,"within":"{}"}}}})", format_duration(node.within));
  }
  void operator()(const SequenceCondition& node) const {
    out += R"({"sequence":[)";
    for (size_t i = 0; i < node.steps.size(); ++i) {
      const SequenceStep& step = node.steps[i];
      out += i == 0 ? "{" : ",{";
      write_filter(out, step.filter);
      if (step.max_gap) out += fmt::format(R"(,"max_gap":"{}")", format_duration(*step.max_gap));
      if (step.without) {
        out += R"(,"without":{)";
        write_filter(out, *step.without);
        out += '}';
      }
      out += '}';
    }
    out += ']';
    write(out, node.window);
    out += '}';
  }
  void operator()(const MessageCondition& node) const {
    out += fmt::format(R"({{"message":"{}")", name_of(node.fact));
    for (const auto& [key, value] :
         {std::pair{"campaign", &node.campaign}, std::pair{"journey", &node.journey},
          std::pair{"channel", &node.channel}, std::pair{"topic", &node.topic}}) {
      if (!value->empty()) out += fmt::format(R"(,"{}":{})", key, json_quote(*value));
    }
    write(out, node.count);
    write(out, node.window);
    out += '}';
  }
  void operator()(const SegmentCondition& node) const {
    out += fmt::format(R"({{"segment":"{}"}})", to_public(node.segment));
  }
  void operator()(const ListCondition& node) const {
    out += fmt::format(R"({{"list":"{}"}})", to_public(node.list));
  }
  void operator()(const TopicCondition& node) const {
    out += R"({"topic":)" + json_quote(node.topic);
    if (!node.channel.empty()) out += R"(,"channel":)" + json_quote(node.channel);
    out += fmt::format(R"(,"subscribed":{}}})", node.subscribed);
  }
  void operator()(const GeoCondition& node) const {
    out += R"({"location":)" + json_quote(to_text(node.location));
    if (node.polygon.empty()) {
      out += fmt::format(R"(,"near":{{"lat":{},"lon":{},"km":{}}}}})", node.center.lat,
                         node.center.lon, node.km);
      return;
    }
    out += R"(,"inside":[)";
    for (size_t i = 0; i < node.polygon.size(); ++i) {
      out += fmt::format(R"({}{{"lat":{},"lon":{}}})", i == 0 ? "" : ",", node.polygon[i].lat,
                         node.polygon[i].lon);
    }
    out += "]}";
  }
  void operator()(const BucketCondition& node) const {
    out += fmt::format(R"({{"bucket":{{"salt":{},"from":{},"to":{}}}}})", json_quote(node.salt),
                       node.from / 100.0, node.to / 100.0);
  }
};

void write(std::string& out, const Condition& condition) {
  std::visit(Writer{out}, condition.node);
}

}  // namespace

std::string to_json(const Condition& condition) {
  std::string out;
  write(out, condition);
  return out;
}

std::string to_json(const ValueTest& test) {
  std::string out;
  write(out, test);
  return out;
}

}  // namespace rapport
