#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/condition.h"

namespace rapport {
namespace {

/// `"name":schema` pairs of an object, in order; the first `required` of them must be there.
struct Members {
  std::vector<std::pair<std::string, std::string>> all;
  std::vector<std::string> required;

  Members& need(std::string name, std::string schema) {
    required.push_back(name);
    return may(std::move(name), std::move(schema));
  }
  Members& may(std::string name, std::string schema) {
    all.emplace_back(std::move(name), std::move(schema));
    return *this;
  }
  Members& with(const Members& other) {
    all.insert(all.end(), other.all.begin(), other.all.end());
    required.insert(required.end(), other.required.begin(), other.required.end());
    return *this;
  }
  std::string object() const {
    std::string properties;
    for (const auto& [name, schema] : all) {
      properties += fmt::format("{}\"{}\":{}", properties.empty() ? "" : ",", name, schema);
    }
    std::string names;
    for (const std::string& name : required) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ",", name);
    }
    return fmt::format(
        R"({{"type":"object","required":[{}],"additionalProperties":false,"properties":{{{}}}}})",
        names, properties);
  }
};

const std::string kFlag = R"({"type":"boolean"})";
const std::string kScalar = R"({"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]})";
const std::string kOrdered = R"({"anyOf":[{"type":"string"},{"type":"number"}]})";
const std::string kLength = R"({"type":"string","pattern":"^[0-9]+[smhdw]$"})";
const std::string kDays = R"({"type":"string","pattern":"^[0-9]+[dw]$"})";
const std::string kZone = R"({"type":"string","enum":["workspace","customer"]})";
const std::string kInstant =
    R"({"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$"})";

std::string text(size_t max_bytes) {
  return fmt::format(R"({{"type":"string","minLength":1,"maxLength":{}}})", max_bytes);
}
std::string number(double low, double high) {
  return fmt::format(R"({{"type":"number","minimum":{},"maximum":{}}})", low, high);
}
std::string list(const std::string& items, size_t least, size_t most) {
  return fmt::format(R"({{"type":"array","minItems":{},"maxItems":{},"items":{}}})", least, most,
                     items);
}
std::string pair_of(const std::string& items) {
  return list(items, 2, 2);
}
std::string one_of(const std::vector<std::string>& schemas) {
  std::string out;
  for (const std::string& schema : schemas) out += (out.empty() ? "" : ",") + schema;
  return R"({"oneOf":[)" + out + "]}";
}

template <class T>
std::string named(std::initializer_list<T> values) {
  std::string out;
  for (const T value : values) {
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ",", name_of(value));
  }
  return R"({"type":"string","enum":[)" + out + "]}";
}

std::string periods() {
  std::string out;
  for (const int offset : {-1, 0, 1}) {
    for (int unit = 0; unit <= static_cast<int>(PeriodUnit::kYear); ++unit) {
      out += fmt::format("{}\"{}\"", out.empty() ? "" : ",",
                         name_of(Period{offset, static_cast<PeriodUnit>(unit)}));
    }
  }
  return R"({"type":"string","enum":[)" + out + "]}";
}

/// One object for each kind of operand, with `subject` ("trait" or "property") beside it.
std::vector<std::string> tests(const std::string& subject) {
  const auto begin = [&] {
    Members members;
    members.need(subject, text(limits::kMaxConditionTextBytes));
    return members;
  };
  Members folds;
  folds.may("case_insensitive", kFlag).may("accent_insensitive", kFlag);
  using Op = ValueOp;
  return {
      begin().need("op", named({Op::kExists, Op::kNotExists})).object(),
      begin()
          .need("op", named({Op::kEq, Op::kNe, Op::kContains, Op::kNotContains, Op::kIncludes}))
          .need("value", kScalar)
          .with(folds)
          .object(),
      begin()
          .need("op", named({Op::kIn, Op::kNotIn, Op::kIncludesAny, Op::kIncludesAll}))
          .need("value", list(kScalar, 1, limits::kMaxConditionValues))
          .with(folds)
          .object(),
      begin()
          .need("op", named({Op::kGt, Op::kGte, Op::kLt, Op::kLte}))
          .need("value", kOrdered)
          .object(),
      begin().need("op", named({Op::kBetween})).need("value", pair_of(kOrdered)).object(),
      begin()
          .need("op", named({Op::kStartsWith, Op::kEndsWith}))
          .need("value", R"({"type":"string"})")
          .with(folds)
          .object(),
      begin()
          .need("op", named({Op::kMatches}))
          .need("value", R"({"type":"string"})")
          .may("case_insensitive", kFlag)
          .object(),
      begin().need("op", named({Op::kBefore, Op::kAfter})).need("value", kInstant).object(),
      begin()
          .need("op", named({Op::kWithinLast, Op::kNotWithinLast, Op::kWithinNext}))
          .need("value", kLength)
          .object(),
      begin()
          .need("op", named({Op::kAnniversaryWithinNext, Op::kAnniversaryWithinLast}))
          .need("value", kDays)
          .may("zone", kZone)
          .object(),
      begin()
          .need("op", named({Op::kInPeriod}))
          .need("value", periods())
          .may("zone", kZone)
          .object(),
  };
}

Members windows() {
  Members out;
  return out.may("within", kLength)
      .may("older_than", kLength)
      .may("between", pair_of(kInstant))
      .may("between_ago", pair_of(kLength))
      .may("in_period", periods())
      .may("zone", kZone);
}

std::string comparison(const std::string& value, Members members) {
  for (int op = 0; op < static_cast<int>(CountOp::kBetween); ++op) {
    members.may(std::string(name_of(static_cast<CountOp>(op))), value);
  }
  return members.may("between", pair_of(value)).object();
}

Members filter(const std::string& property_test) {
  const std::string name = text(limits::kMaxEventNameBytes);
  Members prefix;
  prefix.need("prefix", name);
  Members out;
  return out
      .need("event", R"({"anyOf":[)" + name + "," + list(name, 1, limits::kMaxConditionValues) +
                         "," + prefix.object() + "]}")
      .may("where", R"({"type":"array","items":)" + property_test + "}");
}

std::string count() {
  return comparison(
      fmt::format(R"({{"type":"integer","minimum":0,"maximum":{}}})", limits::kMaxConditionCount),
      {});
}

std::string event(const std::string& property_test) {
  Members out = filter(property_test).with(windows()).may("count", count());
  for (const Aggregate aggregate :
       {Aggregate::kSum, Aggregate::kAvg, Aggregate::kMin, Aggregate::kMax, Aggregate::kDistinct}) {
    Members property;
    property.need("property", text(limits::kMaxConditionTextBytes));
    out.may(
        std::string(name_of(aggregate)),
        comparison(number(-limits::kMaxConditionNumber, limits::kMaxConditionNumber), property));
  }
  Members occurrence = windows().with({{filter(property_test).all.back()}, {}});
  return out.may("first", occurrence.object()).may("last", occurrence.object()).object();
}

std::string absence(const std::string& property_test) {
  return filter(property_test)
      .with(windows())
      .need("not_followed_by", filter(property_test).need("within", kLength).object())
      .object();
}

std::string sequence(const std::string& property_test) {
  const std::string step = filter(property_test)
                               .may("max_gap", kLength)
                               .may("without", filter(property_test).object())
                               .object();
  Members out;
  return out.need("sequence", list(step, 2, limits::kMaxSequenceSteps)).with(windows()).object();
}

std::string message() {
  using Fact = MessageFactKind;
  const std::string name = text(limits::kMaxTraitNameBytes);
  Members out;
  return out
      .need("message", named({Fact::kSent, Fact::kDelivered, Fact::kOpened, Fact::kClicked,
                              Fact::kConverted, Fact::kBounced}))
      .may("campaign", name)
      .may("journey", name)
      .may("channel", name)
      .may("topic", name)
      .may("count", count())
      .with(windows())
      .object();
}

Members point() {
  Members out;
  return out.need("lat", number(-90, 90)).need("lon", number(-180, 180));
}

std::string location(bool near) {
  Members out;
  out.need("location", text(limits::kMaxConditionTextBytes));
  if (near) {
    out.need("near",
             point()
                 .need("km", fmt::format(R"({{"type":"number","exclusiveMinimum":0,"maximum":{}}})",
                                         limits::kMaxNearKm))
                 .object());
  } else {
    out.need("inside", list(point().object(), 3, limits::kMaxPolygonCorners));
  }
  return out.object();
}

std::string only(std::string name, std::string schema) {
  Members out;
  return out.need(std::move(name), std::move(schema)).object();
}

std::string id(std::string_view prefix) {
  return fmt::format(R"({{"type":"string","pattern":"^{}[0-9a-z]{{13}}$"}})", prefix);
}

}  // namespace

std::string property_test_schema() {
  return one_of(tests("property"));
}

std::string condition_schema(std::string_view self_at, std::string_view property_test_at) {
  const std::string self = fmt::format(R"({{"$ref":"{}"}})", self_at);
  const std::string property_test = fmt::format(R"({{"$ref":"{}"}})", property_test_at);
  Members bucket;
  bucket.need("salt", text(limits::kMaxTraitNameBytes))
      .need("from", number(0, 100))
      .need("to", number(0, 100));
  Members topic;
  topic.need("topic", text(limits::kMaxTraitNameBytes))
      .may("channel", text(limits::kMaxTraitNameBytes))
      .may("subscribed", kFlag);
  std::vector<std::string> forms{
      only("all", R"({"type":"array","items":)" + self + "}"),
      only("any", R"({"type":"array","minItems":1,"items":)" + self + "}"),
      only("not", self),
  };
  for (std::string& form : tests("trait")) forms.push_back(std::move(form));
  for (std::string form :
       {event(property_test), absence(property_test), sequence(property_test), message(),
        only("segment", id(SegmentTag::kPrefix)), only("list", id(ListTag::kPrefix)),
        topic.object(), location(true), location(false), only("bucket", bucket.object())}) {
    forms.push_back(std::move(form));
  }
  std::string out = one_of(forms);
  out.insert(1, R"("description":"A tree of tests on traits, events, messages and relations.",)");
  return out;
}

}  // namespace rapport
