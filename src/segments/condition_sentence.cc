#include "segments/condition_sentence.h"

#include <fmt/format.h>

#include "base/text.h"
#include "segments/sentence_words.h"

namespace rapport {
namespace {

using words::Phrase;

class Speaker {
 public:
  Speaker(SentenceLanguage language, const SegmentName& name)
      : language_(static_cast<size_t>(language)), name_(name) {}

  std::string say(const Condition& condition, bool inside) const {
    return std::visit([&](const auto& node) { return of(node, inside); }, condition.node);
  }

 private:
  template <class... Args>
  std::string word(const Phrase& phrase, const Args&... args) const {
    return fmt::format(fmt::runtime(phrase.at(language_)), args...);
  }
  std::string quoted(const std::string& text) const { return word(words::kQuote, text); }
  std::string path(const ValuePath& p) const { return quoted(to_text(p)); }

  std::string length(Micros micros) const {
    const std::string written = format_duration(micros);
    const size_t unit = std::string_view("dhms").find(written.back());
    const std::string number = written.substr(0, written.size() - 1);
    if (number == "1" && language_ == 0) return std::string(words::kOneLength.at(unit));
    return word(words::kLengths.at(unit), number);
  }

  std::string literal(const Literal& value) const {
    if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
    if (const auto* flag = std::get_if<bool>(&value)) {
      return word(*flag ? words::kTrue : words::kFalse);
    }
    if (const auto* whole = std::get_if<int64_t>(&value)) return fmt::format("{}", *whole);
    return fmt::format("{}", std::get<double>(value));
  }

  std::string period(Period p, ZoneOf zone) const {
    std::string out =
        word(words::kPeriods.at(static_cast<size_t>(p.unit)).at(static_cast<size_t>(p.offset + 1)));
    if (zone == ZoneOf::kCustomer) out += word(words::kTheirZone);
    return out;
  }

  std::string operand(const ValueTest& test) const {
    if (test.length.count() > 0) return length(test.length);
    if (test.days > 0) {
      return length(std::chrono::days(test.days)) +
             (test.zone == ZoneOf::kCustomer ? word(words::kTheirZone) : "");
    }
    if (test.op == ValueOp::kInPeriod) return period(test.period, test.zone);
    if (test.op == ValueOp::kBetween) {
      return word(words::kPair, literal(test.values[0]), literal(test.values[1]));
    }
    // A long list is cut; the condition itself is beside the sentence.
    constexpr size_t kShown = 5;
    std::string out;
    for (size_t i = 0; i < test.values.size() && i < kShown; ++i) {
      if (i > 0) out += word(words::kComma);
      out += literal(test.values[i]);
    }
    return test.values.size() > kShown ? out + " …" : out;
  }

  std::string test(const ValuePath& what, const ValueTest& t) const {
    std::string out = word(words::kTests.at(static_cast<size_t>(t.op)), path(what), operand(t));
    if (t.case_insensitive) out += word(words::kIgnoreCase);
    if (t.accent_insensitive) out += word(words::kIgnoreAccents);
    return out;
  }

  std::string where(const std::vector<PropertyTest>& tests) const {
    std::string out;
    for (const PropertyTest& t : tests) {
      if (!out.empty()) out += word(words::kAnd);
      out += test(t.property, t.test);
    }
    return out.empty() ? out : word(words::kWhere, out);
  }

  std::string names(const EventNames& events) const {
    if (events.prefix) return word(words::kPrefix, quoted(events.names.front()));
    std::string out;
    for (const std::string& name : events.names) {
      if (!out.empty()) out += word(words::kOr);
      out += quoted(name);
    }
    return out;
  }
  std::string events(const EventFilter& filter) const {
    return names(filter.names) + where(filter.where);
  }

  std::string window(const Window& w) const {
    switch (w.kind) {
      case Window::Kind::kEver:
        return "";
      case Window::Kind::kWithin:
        return word(words::kWithin, length(w.near));
      case Window::Kind::kOlderThan:
        return word(words::kOlderThan, length(w.near));
      case Window::Kind::kBetween:
        return word(words::kBetween, format_timestamp(w.from), format_timestamp(w.to));
      case Window::Kind::kBetweenAgo:
        return word(words::kBetweenAgo, length(w.far), length(w.near));
      case Window::Kind::kInPeriod:
        return word(words::kInPeriod, period(w.period, w.zone));
    }
    return "";
  }

  std::string times(const std::vector<CountTest>& count) const {
    std::string out;
    for (const CountTest& t : count) {
      if (!out.empty()) out += word(words::kAnd);
      out += word(words::kTimes.at(static_cast<size_t>(t.op)), t.value, t.upper);
    }
    return out;
  }

  std::string group(const std::vector<Condition>& children, const Phrase& joint,
                    bool inside) const {
    if (children.empty()) return word(words::kEveryone);
    std::string out;
    for (const Condition& child : children) {
      if (!out.empty()) out += word(joint);
      out += say(child, children.size() > 1);
    }
    return inside && children.size() > 1 ? word(words::kGroup, out) : out;
  }

  std::string of(const AllOf& node, bool inside) const {
    return group(node.children, words::kAnd, inside);
  }
  std::string of(const AnyOf& node, bool inside) const {
    return group(node.children, words::kOr, inside);
  }
  std::string of(const Negation& node, bool) const {
    return word(words::kNot, say(*node.child, false));
  }
  std::string of(const TraitCondition& node, bool) const { return test(node.trait, node.test); }

  std::string of(const EventCondition& node, bool) const {
    const std::string what =
        names(node.filter.names) + window(node.window) + where(node.filter.where);
    if (node.occurrence) {
      const OccurrenceTest& t = *node.occurrence;
      const std::string when =
          t.window.kind == Window::Kind::kEver ? word(words::kAnyTime) : window(t.window);
      return word(t.last ? words::kLast : words::kFirst, what, where(t.where), when);
    }
    std::string out;
    if (node.count.empty() && node.aggregates.empty()) out = word(words::kDid, what);
    if (!node.count.empty()) out = word(words::kDidTimes, what, times(node.count));
    for (const AggregateTest& t : node.aggregates) {
      std::string comparison;
      for (const NumberTest& n : t.tests) {
        if (!comparison.empty()) comparison += word(words::kAnd);
        comparison += fmt::format(fmt::runtime(words::kSigns.at(static_cast<size_t>(n.op))),
                                  n.value, n.upper);
      }
      if (!out.empty()) out += word(words::kAnd);
      out += word(words::kAggregates.at(static_cast<size_t>(t.aggregate)), path(t.property), what,
                  comparison);
    }
    return out;
  }

  std::string of(const AbsenceCondition& node, bool) const {
    return word(words::kAbsence,
                names(node.filter.names) + window(node.window) + where(node.filter.where),
                events(node.absent), length(node.within));
  }

  std::string of(const SequenceCondition& node, bool) const {
    std::string out;
    for (const SequenceStep& step : node.steps) {
      if (!out.empty()) out += word(words::kThen);
      out += events(step.filter);
      if (step.max_gap) out += word(words::kGap, length(*step.max_gap));
      if (step.without) out += word(words::kWithout, events(*step.without));
    }
    return word(words::kInOrder, out) + window(node.window);
  }

  std::string of(const MessageCondition& node, bool) const {
    std::string limits;
    if (!node.campaign.empty()) limits += word(words::kOfCampaign, quoted(node.campaign));
    if (!node.journey.empty()) limits += word(words::kOfJourney, quoted(node.journey));
    if (!node.channel.empty()) limits += word(words::kByChannel, quoted(node.channel));
    if (!node.topic.empty()) limits += word(words::kAboutTopic, quoted(node.topic));
    limits += window(node.window);
    if (!node.count.empty()) limits += " " + times(node.count);
    return word(words::kMessages.at(static_cast<size_t>(node.fact)), limits);
  }

  std::string of(const SegmentCondition& node, bool) const {
    return word(words::kInSegment, quoted(name_ ? name_(node.segment) : to_public(node.segment)));
  }
  std::string of(const ListCondition& node, bool) const {
    return word(words::kOnList, quoted(to_public(node.list)));
  }
  std::string of(const TopicCondition& node, bool) const {
    const std::string channel =
        node.channel.empty() ? "" : word(words::kByChannel, quoted(node.channel));
    return word(node.subscribed ? words::kSubscribed : words::kNotSubscribed, quoted(node.topic),
                channel);
  }
  std::string of(const GeoCondition& node, bool) const {
    if (!node.polygon.empty()) {
      return word(words::kInside, path(node.location), node.polygon.size());
    }
    return word(words::kNear, path(node.location), node.km, node.center.lat, node.center.lon);
  }
  std::string of(const BucketCondition& node, bool) const {
    return word(words::kBucket, node.from / 100.0, node.to / 100.0, quoted(node.salt));
  }

  size_t language_;
  const SegmentName& name_;
};

std::optional<SentenceLanguage> language_named(std::string_view tag) {
  const std::string lower = to_lower_ascii(tag);
  const auto is = [&](std::string_view prefix) {
    return lower == prefix || lower.starts_with(std::string(prefix) + "-");
  };
  if (is("en")) return SentenceLanguage::kEnglish;
  if (is("vi")) return SentenceLanguage::kVietnamese;
  if (is("zh-hant") || is("zh-tw") || is("zh-hk") || is("zh-mo")) {
    return SentenceLanguage::kTraditionalChinese;
  }
  if (is("zh")) return SentenceLanguage::kSimplifiedChinese;
  return std::nullopt;
}

}  // namespace

SentenceLanguage choose_language(std::string_view asked, std::string_view accept_language) {
  if (const auto found = language_named(asked)) return *found;
  // In the order written, which is the order of preference in every browser.
  for (const std::string_view part : split(accept_language, ',')) {
    if (const auto found = language_named(trim(part.substr(0, part.find(';'))))) return *found;
  }
  return SentenceLanguage::kEnglish;
}

std::string sentence_of(const Condition& condition, SentenceLanguage language,
                        const SegmentName& name) {
  return Speaker(language, name).say(condition, false);
}

}  // namespace rapport
