#include "segments/condition_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "segments/event_rows.h"
#include "segments/standing.h"

namespace rapport {
namespace {

std::string_view operator_of(CountOp op) {
  switch (op) {
    case CountOp::kEq:
      return "=";
    case CountOp::kNe:
      return "<>";
    case CountOp::kGt:
      return ">";
    case CountOp::kGte:
    case CountOp::kBetween:
      return ">=";
    case CountOp::kLt:
      return "<";
    case CountOp::kLte:
      return "<=";
  }
  return "=";
}

/// So many sets are nested in each other.
constexpr size_t kMaxChain = 4;

/// The one key that orders rows of a customer: time, then offset, 2^64 apart; many times faster
/// than a pair.
constexpr std::string_view kKey = "t::HUGEINT * 18446744073709551616 + o";

class Compiler {
 public:
  Compiler(WorkspaceId workspace, const Moment& moment, const TimeZone& zone)
      : scope_{binder_, moment, {moment.at, &zone, &zone}} {
    binder_.bind(workspace.value);
  }

  CompiledCondition compile(const Condition& condition, std::optional<CustomerId> after) {
    chain_ = chain_of(condition);
    std::string sql = "SELECT u.customer AS customer FROM ";
    if (!chain_.empty()) {
      for (const Condition* leaf : chain_) within_ = set_of(*leaf);
      sql += fmt::format("(SELECT c AS customer FROM ({})) u WHERE TRUE", within_);
      within_.clear();
    } else {
      sql += "customers u WHERE u.workspace = $1";
    }
    if (after) sql += fmt::format(" AND u.customer > {}", binder_.bind(after->value));
    // A merged customer has no history under its own id, so a condition that nothing meets by
    // itself already leaves it out, and likewise whoever was unknown at the moment.
    if (holds_for_nothing(condition)) {
      sql +=
          " AND NOT EXISTS (SELECT 1 FROM successors s"
          " WHERE s.workspace = $1 AND s.customer = u.customer)";
      if (scope_.moment.historic) sql += " AND u.customer IN (" + known_by_then() + ")";
    }
    sql += " AND " + predicate(condition);
    return {std::move(sql), binder_.take()};
  }

 private:
  /// Customers of one leaf, each once; or of those that it leaves out.
  struct LeafSet {
    std::string sql;
    bool complement = false;
  };

  /// Leaves that everyone who meets the condition meets, the one that is likely to leave the fewest
  /// first: each set is read among those of the one before, and the table of all customers not at
  /// all. Empty when there is none.
  static std::vector<const Condition*> chain_of(const Condition& condition) {
    std::vector<const Condition*> chain;
    add_necessary(condition, chain);
    std::stable_sort(chain.begin(), chain.end(),
                     [](const auto* a, const auto* b) { return breadth(*a) < breadth(*b); });
    if (chain.size() > kMaxChain) chain.resize(kMaxChain);
    return chain;
  }

  static void add_necessary(const Condition& condition, std::vector<const Condition*>& chain) {
    if (const auto* all = std::get_if<AllOf>(&condition.node)) {
      for (const Condition& child : all->children) add_necessary(child, chain);
    } else if (const auto* segment = std::get_if<SegmentCondition>(&condition.node)) {
      if (segment->resolved) add_necessary(*segment->resolved, chain);
    } else if (!std::holds_alternative<AnyOf>(condition.node) &&
               !std::holds_alternative<Negation>(condition.node) && !holds_for_nothing(condition)) {
      chain.push_back(&condition);
    }
  }

  static int breadth(const Condition& leaf) {
    return std::visit(
        [](const auto& node) {
          if constexpr (requires { node.window; }) {
            const auto kind = node.window.kind;
            return kind == Window::Kind::kEver || kind == Window::Kind::kOlderThan ? 2 : 0;
          } else {
            return 1;
          }
        },
        leaf.node);
  }

  std::string set_of(const Condition& leaf) {
    LeafSet set = std::visit(
        [&](const auto& node) -> LeafSet {
          if constexpr (requires { leaf_set(node); }) {
            return leaf_set(node);
          } else {
            return {};
          }
        },
        leaf.node);
    ENSURE(!set.sql.empty() && !set.complement);
    return std::move(set.sql);
  }

  /// Customers created by then or with anything recorded of them by then.
  std::string known_by_then() {
    const std::string horizon = binder_.bind(scope_.moment.horizon);
    const std::string later = fmt::format(
        "(SELECT customer FROM customers WHERE workspace = $1 AND created_at > {})", horizon);
    return fmt::format(
        "SELECT coalesce(s.successor, k.customer) FROM ("
        "SELECT customer FROM customers WHERE workspace = $1 AND created_at <= {0}"
        " UNION ALL SELECT customer FROM events WHERE workspace = $1 AND occurred_at <= {0}"
        " AND customer IN {1}"
        " UNION ALL SELECT customer FROM traits WHERE workspace = $1 AND occurred_at <= {0}"
        " AND customer IN {1}) k"
        " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = k.customer",
        horizon, later);
  }

  std::string predicate(const Condition& condition) {
    if (std::find(chain_.begin(), chain_.end(), &condition) != chain_.end()) return "TRUE";
    return std::visit([&](const auto& node) { return node_sql(node); }, condition.node);
  }

  std::string node_sql(const AllOf& node) { return joined(node.children, " AND ", "TRUE"); }
  std::string node_sql(const AnyOf& node) { return joined(node.children, " OR ", "FALSE"); }
  std::string node_sql(const Negation& node) { return "(NOT " + predicate(*node.child) + ")"; }
  std::string node_sql(const SegmentCondition& node) {
    ENSURE(node.resolved != nullptr);
    return predicate(*node.resolved);
  }

  template <class Leaf>
  std::string node_sql(const Leaf& leaf) {
    const LeafSet set = leaf_set(leaf);
    return fmt::format("(u.customer {} ({}))", set.complement ? "NOT IN" : "IN", set.sql);
  }

  std::string joined(const std::vector<Condition>& children, std::string_view separator,
                     std::string_view when_empty) {
    if (children.empty()) return std::string(when_empty);
    std::string out = "(";
    for (size_t i = 0; i < children.size(); ++i) {
      if (i > 0) out += separator;
      out += predicate(children[i]);
    }
    return out + ")";
  }

  LeafSet leaf_set(const TraitCondition& node) {
    return trait_set(node.trait, test_sql(binder_, node.test, {"j", "x"}, {scope_.asked, "z"}),
                     is_negative(node.test.op), needs_customer_zone(node.test));
  }

  LeafSet leaf_set(const GeoCondition& node) {
    const std::string geo = binder_.bind(to_json(Condition{node}));
    return trait_set(node.location, fmt::format("segment_located(j, {})", geo), false, false);
  }

  /// Customers whose row in force meets `positive`; the rest is its complement. Whoever is not
  /// asked for, or has no row at all that meets it, is out at once, which spares grouping
  /// everyone's history.
  LeafSet trait_set(const ValuePath& path, const std::string& positive, bool negated, bool zoned) {
    const std::string name = binder_.bind(path.segments.front());
    std::string rows = fmt::format(
        "SELECT coalesce(s.successor, t.customer) AS c, t.occurred_at AS t, t.log_offset AS o,"
        " {} AS j FROM traits t"
        " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = t.customer"
        " WHERE t.workspace = $1 AND t.name = {} AND t.occurred_at <= {}",
        inner_sql(path), name, binder_.bind(scope_.moment.horizon));
    rows = fmt::format("SELECT *, {} AS x FROM ({})", text_of_sql("j"), rows);
    if (zoned) {
      rows = fmt::format(
          "SELECT r.*, coalesce(y.zone, {}) AS z FROM ({}) r LEFT JOIN {} y"
          " ON y.c = r.c",
          binder_.bind(scope_.asked.workspace_zone->name()), rows, scope_.zones());
    }
    rows = fmt::format("SELECT c, t, o, coalesce({}, FALSE) AS p FROM ({})", positive, rows);
    const std::string in_force = fmt::format(" GROUP BY c HAVING arg_max(p, {})", kKey);
    if (!within_.empty()) {
      return {fmt::format("SELECT c FROM ({}) WHERE c IN ({}){}", rows, within_, in_force),
              negated};
    }
    return {fmt::format("WITH r AS ({}) SELECT c FROM r WHERE c IN (SELECT c FROM r WHERE p){}",
                        rows, in_force),
            negated};
  }

  /// The value that a path leads to inside a trait. A whole value that is a plain text or number is
  /// what is stored; the rest is read and written anew, so that spaces and spellings do not matter.
  std::string inner_sql(const ValuePath& path) {
    if (path.segments.size() > 1) {
      return fmt::format("TRY(json_extract(t.value, {}))::VARCHAR",
                         binder_.bind(json_pointer(path, 1)));
    }
    return R"(CASE WHEN starts_with(t.value, '"') AND suffix(t.value, '"') AND NOT)"
           R"( contains(t.value, chr(92)) THEN t.value WHEN t.value >= '-' AND t.value < ':')"
           R"( AND NOT contains(t.value, ' ') THEN t.value)"
           R"( ELSE TRY(json_extract(t.value, '$'))::VARCHAR END)";
  }

  /// Customers whose events meet the tests. When none at all would do, it is the complement of
  /// those whose events do not meet them, so that nobody's silence has to be listed.
  LeafSet leaf_set(const EventCondition& node) {
    if (node.occurrence) return occurrence_sql(node);
    const bool zero_meets = holds_for_nothing(Condition{node});
    EventRows rows(scope_);
    if (node.filter.own) rows.only_own();
    rows.read(node.filter.names);
    rows.within(node.window);
    rows.filter(rows.meets(node.filter.where));
    std::string meets;
    if (!node.count.empty() || node.aggregates.empty()) meets = count_sql(node.count);
    for (size_t i = 0; i < node.aggregates.size(); ++i) {
      const AggregateTest& test = node.aggregates[i];
      const std::string column = fmt::format("a{}", i);
      rows.column(summand_sql(test, rows.property(test.property)), column);
      for (const NumberTest& t : test.tests) {
        meets += (meets.empty() ? "" : " AND ") + aggregate_sql(test.aggregate, t, column);
      }
    }
    return {fmt::format("SELECT c FROM ({}) GROUP BY c HAVING {}", rows.sql(),
                        zero_meets ? "NOT (" + meets + ")" : meets),
            zero_meets};
  }

  std::string count_sql(const std::vector<CountTest>& tests) {
    if (tests.empty()) return "count(*) >= 1";
    std::string out;
    for (const CountTest& test : tests) {
      out += fmt::format("{}count(*) {} {}", out.empty() ? "" : " AND ", operator_of(test.op),
                         binder_.bind(test.value));
      if (test.op == CountOp::kBetween) {
        out += fmt::format(" AND count(*) <= {}", binder_.bind(test.upper));
      }
    }
    return out;
  }

  /// What one row adds: see aggregate.h.
  static std::string summand_sql(const AggregateTest& test, const ValueSql& value) {
    switch (test.aggregate) {
      case Aggregate::kSum:
      case Aggregate::kAvg: {
        const std::string number = number_of_sql(value);
        return fmt::format("CASE WHEN abs({0}) <= 1e12 THEN round({0} * 1e6)::BIGINT END", number);
      }
      case Aggregate::kMin:
      case Aggregate::kMax:
        return number_of_sql(value);
      case Aggregate::kDistinct:
        return distinct_key_sql(value);
    }
    return "NULL";
  }

  std::string aggregate_sql(Aggregate aggregate, const NumberTest& test,
                            const std::string& column) {
    const bool whole = aggregate == Aggregate::kSum || aggregate == Aggregate::kAvg;
    const auto bound = [&](double value) {
      std::string out =
          whole ? binder_.bind(int64_t{std::llround(value * 1e6)}) : binder_.bind(value);
      return aggregate == Aggregate::kAvg ? fmt::format("{}::HUGEINT * count({})", out, column)
                                          : out;
    };
    std::string value;
    switch (aggregate) {
      case Aggregate::kSum:
        value = fmt::format("coalesce(sum({}), 0)", column);
        break;
      case Aggregate::kAvg:
        value = fmt::format("sum({})", column);
        break;
      case Aggregate::kMin:
        value = fmt::format("min({})", column);
        break;
      case Aggregate::kMax:
        value = fmt::format("max({})", column);
        break;
      case Aggregate::kDistinct:
        value = fmt::format("count(DISTINCT {})", column);
        break;
    }
    std::string out = fmt::format("{} {} {}", value, operator_of(test.op), bound(test.value));
    if (test.op == CountOp::kBetween) out += fmt::format(" AND {} <= {}", value, bound(test.upper));
    return fmt::format("coalesce({}, {})", out, test.op == CountOp::kNe ? "TRUE" : "FALSE");
  }

  /// The first or last row of each customer, judged.
  LeafSet occurrence_sql(const EventCondition& node) {
    const OccurrenceTest& test = *node.occurrence;
    EventRows rows(scope_);
    rows.read(node.filter.names);
    rows.within(node.window);
    rows.filter(rows.meets(node.filter.where));
    rows.column("t", "t");
    const bool zoned =
        test.window.kind == Window::Kind::kInPeriod && test.window.zone == ZoneOf::kCustomer;
    if (test.where.empty() && !zoned) {
      // The time alone decides, so it need not be known which row has it.
      const std::string time = test.last ? "max(t)" : "min(t)";
      return {fmt::format("SELECT c FROM ({}) GROUP BY c HAVING {}", rows.sql(),
                          rows.bounded(test.window, time)),
              false};
    }
    rows.column("o", "o");
    rows.column(fmt::format("{} AND {}", rows.in(test.window), rows.meets(test.where)), "p");
    return {fmt::format("SELECT c FROM ({}) GROUP BY c HAVING {}(p, {})", rows.sql(),
                        test.last ? "arg_max" : "arg_min", kKey),
            false};
  }

  LeafSet leaf_set(const MessageCondition& node) { return leaf_set(expand(node)); }

  LeafSet leaf_set(const ListCondition& node) {
    const Standing standing = standing_of(node);
    const EventNames begins{false, {standing.begins}};
    EventRows rows(scope_);
    rows.only_own();
    rows.read(begins);
    rows.read({false, {standing.ends}});
    rows.filter(rows.meets(standing.where));
    rows.column("t", "t");
    rows.column("o", "o");
    rows.column(rows.named(begins), "p");
    return {fmt::format("SELECT c FROM ({}) GROUP BY c HAVING arg_max(p, {})", rows.sql(), kKey),
            false};
  }

  /// As TopicLedger: of each channel the latest word about the topic and about all topics. Where
  /// silence is consent, those who refused every channel are left out.
  LeafSet leaf_set(const TopicCondition& node) {
    if (node.kind == TopicKind::kAlways) return {nobody(), node.subscribed};
    EventRows rows(scope_);
    rows.only_own();
    std::string own;
    std::string all;
    for (const TopicTrack& track : topic_tracks(node)) {
      rows.read(track.filter.names);
      std::string& about = track.about_all ? all : own;
      about += (about.empty() ? "" : " OR ") + rows.matches(track.filter, true);
    }
    const std::vector<std::string> channels = topic_channels(node);
    const std::string channel =
        fmt::format("coalesce({}, '')", rows.property({{std::string(kChannelProperty)}}).text);
    rows.filter(fmt::format("({} OR {})", own, all));
    if (!channels.empty()) rows.filter(fmt::format("{} IN ({})", channel, bound_list(channels)));
    for (const auto& [expression, alias] :
         {std::pair{std::string("t"), "t"},
          {"o", "o"},
          {"(" + own + ")", "w"},
          {"(" + all + ")", "a"},
          {rows.named({false, {std::string(kConsentGivenEvent)}}), "p"},
          {channel, "g"}}) {
      rows.column(expression, alias);
    }
    const bool unasked = allowed_unasked(node);
    const std::string said = fmt::format(
        "SELECT c, arg_max(p, {0}) FILTER (w) AS own, max({0}) FILTER (w) AS own_at,"
        " arg_max(p, {0}) FILTER (a) AS whole, max({0}) FILTER (a) AS whole_at FROM ({1})"
        " GROUP BY c, g",
        kKey, rows.sql());
    const std::string allowed =
        fmt::format("(coalesce(whole OR own_at >= whole_at, whole IS NULL) AND coalesce(own, {}))",
                    unasked ? "TRUE" : "FALSE");
    if (!unasked) {
      return {fmt::format("SELECT DISTINCT c FROM ({}) WHERE {}", said, allowed), !node.subscribed};
    }
    return {fmt::format("SELECT c FROM ({}) WHERE NOT {} GROUP BY c HAVING count(*) >= {}", said,
                        allowed, channels.size()),
            node.subscribed};
  }

  /// Asks for those of the chain all the same: all that is bound must stand in the text.
  std::string nobody() const {
    std::string sql = "SELECT customer AS c FROM customers WHERE workspace = $1 AND FALSE";
    if (!within_.empty()) sql += " AND customer IN (" + within_ + ")";
    return sql;
  }

  std::string bound_list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + binder_.bind(text);
    return out;
  }

  /// Gathers each customer's rows with a mask of what they are, for the code that follows them.
  LeafSet gathered_sql(EventRows& rows, const std::string& mask, int64_t needed,
                       const std::string& verdict) {
    rows.column("t", "t");
    rows.column("o::BIGINT", "o");
    rows.column(mask, "m");
    const std::string all = binder_.bind(needed);
    return {fmt::format("SELECT c FROM (SELECT * FROM ({}) WHERE m <> 0) GROUP BY c HAVING"
                        " CASE WHEN bit_or(m) & {} = {} THEN {} ELSE FALSE END",
                        rows.sql(), all, all, verdict),
            false};
  }

  static std::string bit(const std::string& predicate, size_t index) {
    return fmt::format("(CASE WHEN {} THEN {} ELSE 0 END)", predicate, int64_t{1} << index);
  }

  LeafSet leaf_set(const SequenceCondition& node) {
    EventRows rows(scope_);
    std::string mask;
    int64_t needed = 0;
    for (size_t i = 0; i < node.steps.size(); ++i) {
      const SequenceStep& step = node.steps[i];
      rows.read(step.filter.names);
      mask += (mask.empty() ? "" : " + ") + bit(rows.matches(step.filter, true), i);
      needed |= int64_t{1} << i;
      if (!step.without) continue;
      rows.read(step.without->names);
      mask += " + " + bit(rows.matches(*step.without, true), i + 32);
    }
    rows.within(node.window);
    const std::string tree = binder_.bind(to_json(Condition{node}));
    return gathered_sql(rows, "(" + mask + ")::BIGINT", needed,
                        fmt::format("segment_sequence(list(t), list(o), list(m), {})", tree));
  }

  LeafSet leaf_set(const AbsenceCondition& node) {
    EventRows rows(scope_);
    rows.read(node.filter.names);
    rows.read(node.absent.names);
    rows.since(node.window);
    const std::string mask =
        bit(fmt::format("{} AND {}", rows.matches(node.filter, true), rows.in(node.window)), 0) +
        " + " + bit(rows.matches(node.absent, true), 1);
    const std::string length = binder_.bind(int64_t{node.within.count()});
    return gathered_sql(rows, "(" + mask + ")::BIGINT", 1,
                        fmt::format("segment_absence(list(t), list(o), list(m), {}, {})", length,
                                    binder_.bind(scope_.moment.at)));
  }

  std::string node_sql(const BucketCondition& node) {
    return fmt::format("(segment_bucket({}, u.customer) BETWEEN {} AND {})",
                       binder_.bind(node.salt), binder_.bind(int64_t{node.from}),
                       binder_.bind(int64_t{node.to} - 1));
  }

  SqlBinder binder_;
  SqlScope scope_;
  std::string& within_ = scope_.within;
  std::vector<const Condition*> chain_;
};

}  // namespace

CompiledCondition compile_condition(WorkspaceId workspace, const Condition& condition,
                                    const Moment& moment, const TimeZone& zone,
                                    std::optional<CustomerId> after) {
  return Compiler(workspace, moment, zone).compile(condition, after);
}

}  // namespace rapport
