#include "segments/segment_history_routes.h"

#include <algorithm>
#include <boost/describe.hpp>

#include "base/error.h"
#include "base/limits/segment_engine.h"
#include "base/text.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

/// One node of the condition, in the order of the tree; `pointer` says where it stands.
struct ExplainedNode {
  std::string pointer;
  std::string kind;
  bool value = false;
  std::optional<Timestamp> changes_at;
  RawJson evidence;
};
BOOST_DESCRIBE_STRUCT(ExplainedNode, (), (pointer, kind, value, changes_at, evidence))

struct ExplanationView {
  std::string segment_id;
  std::string customer_id;
  bool value = false;
  Timestamp at;
  std::optional<Timestamp> changes_at;
  std::vector<ExplainedNode> nodes;
};
BOOST_DESCRIBE_STRUCT(ExplanationView, (), (segment_id, customer_id, value, at, changes_at, nodes))

struct SizeView {
  Timestamp at;
  int64_t size = 0;
  int64_t entered = 0;
  int64_t left = 0;
};
BOOST_DESCRIBE_STRUCT(SizeView, (), (at, size, entered, left))

struct SizesView {
  std::string unit;
  std::vector<SizeView> items;
};
BOOST_DESCRIBE_STRUCT(SizesView, (), (unit, items))

struct MovementView {
  std::string customer_id;
  bool entered = false;
  Timestamp at;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(MovementView, (), (customer_id, entered, at, cause))

struct OverlapBody {
  std::vector<std::string> segment_ids;
};
BOOST_DESCRIBE_STRUCT(OverlapBody, (), (segment_ids))

/// `count` customers are in all of `segment_ids`, `only` of them in no other of those asked.
struct IntersectionView {
  std::vector<std::string> segment_ids;
  uint64_t count = 0;
  uint64_t only = 0;
};
BOOST_DESCRIBE_STRUCT(IntersectionView, (), (segment_ids, count, only))

struct OverlapView {
  uint64_t total = 0;
  std::vector<IntersectionView> intersections;
};
BOOST_DESCRIBE_STRUCT(OverlapView, (), (total, intersections))

struct CompareBody {
  std::string first;
  std::string second;
};
BOOST_DESCRIBE_STRUCT(CompareBody, (), (first, second))

struct TraitShareView {
  std::string trait;
  RawJson value;
  double first = 0;
  double second = 0;
};
BOOST_DESCRIBE_STRUCT(TraitShareView, (), (trait, value, first, second))

struct OutcomeShareView {
  std::string event;
  double first = 0;
  double second = 0;
};
BOOST_DESCRIBE_STRUCT(OutcomeShareView, (), (event, first, second))

struct ComparisonView {
  uint64_t first_size = 0;
  uint64_t second_size = 0;
  uint64_t both = 0;
  std::vector<TraitShareView> traits;
  std::vector<OutcomeShareView> outcomes;
};
BOOST_DESCRIBE_STRUCT(ComparisonView, (), (first_size, second_size, both, traits, outcomes))

WorkspaceId workspace_of(const Request& request) {
  ENSURE(request.caller.workspace != 0);
  return WorkspaceId{request.caller.workspace};
}

SegmentId segment_id(const Request& request) {
  const auto id = parse_id<SegmentTag>(request.parameter("id"));
  if (!id) throw Error::not_found("segment");
  return *id;
}

SegmentId segment_id(std::string_view text, std::string_view field) {
  const auto id = parse_id<SegmentTag>(text);
  if (!id) throw Error::invalid(std::string(field), "is not the id of a segment");
  return *id;
}

std::optional<Timestamp> time_of(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::nullopt;
  const auto time = parse_timestamp(*text);
  if (!time) throw Error::invalid(std::string(name), "must be an RFC 3339 time");
  return time;
}

/// [from, to) of the query; without them the last 30 days.
std::pair<Timestamp, Timestamp> range_of(const SegmentInsight& insight, const Request& request) {
  const Timestamp to = time_of(request, "to").value_or(insight.now());
  const Timestamp from = time_of(request, "from").value_or(to - std::chrono::days(30));
  if (from >= to) throw Error::invalid("to", "must be after `from`");
  return {from, to};
}

void add_nodes(const Verdict& verdict, std::vector<ExplainedNode>& out) {
  out.push_back({verdict.pointer, verdict.kind, verdict.value, verdict.next_change_at,
                 RawJson{verdict.evidence}});
  for (const Verdict& child : verdict.children) add_nodes(child, out);
}

Response explain(SegmentInsight& insight, const Request& request) {
  const SegmentId segment = segment_id(request);
  insight.check(workspace_of(request), segment);
  const auto text = request.query_value("customer");
  const auto customer = text ? parse_id<CustomerTag>(*text) : std::nullopt;
  if (!customer) throw Error::invalid("customer", "is the id of a customer");
  const auto found = insight.explain(workspace_of(request), segment, *customer);
  ExplanationView out;
  out.segment_id = to_public(segment);
  out.customer_id = to_public(found.customer);
  out.value = found.verdict.value;
  out.at = found.at;
  out.changes_at = found.verdict.next_change_at;
  add_nodes(found.verdict, out.nodes);
  return Response::json(to_json(out));
}

Response sizes(SegmentInsight& insight, const Request& request) {
  const std::string unit(request.query_value("unit").value_or("day"));
  if (unit != "hour" && unit != "day") throw Error::invalid("unit", "is hour or day");
  const auto [from, to] = range_of(insight, request);
  SizesView out{unit, {}};
  for (const auto& point :
       insight.sizes(workspace_of(request), segment_id(request),
                     unit == "hour" ? SizeUnit::kHour : SizeUnit::kDay, from, to)) {
    out.items.push_back({point.at, point.size, point.entered, point.left});
  }
  return Response::json(to_json(out));
}

Response changes(SegmentInsight& insight, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto [from, to] = range_of(insight, request);
  const auto after = page.cursor.empty() ? std::optional<int64_t>(0) : parse_int(page.cursor);
  if (!after || *after < 0) throw Error::invalid("cursor", "is not one that a list gave");
  const auto found = insight.movements(workspace_of(request), segment_id(request), from, to,
                                       static_cast<Offset>(*after), page.limit + 1);
  Page<MovementView> out;
  for (const auto& m : found) {
    if (out.items.size() == page.limit) {
      out.next_cursor.emplace(std::to_string(found[page.limit - 1].offset));
      break;
    }
    out.items.push_back({to_public(m.customer), m.entered, m.at, m.cause});
  }
  return Response::json(to_json(out));
}

Response overlap(SegmentInsight& insight, const Request& request) {
  const auto body = parse_json<OverlapBody>(request.body);
  if (body.segment_ids.size() < 2 || body.segment_ids.size() > limits::kMaxOverlap) {
    throw Error::invalid("segment_ids", "takes 2 to 6 segments");
  }
  std::vector<SegmentId> ids;
  for (const std::string& text : body.segment_ids) {
    const SegmentId id = segment_id(text, "segment_ids");
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
      throw Error::invalid("segment_ids", "names a segment twice");
    }
    ids.push_back(id);
  }
  const auto found = insight.overlap(workspace_of(request), ids);
  OverlapView out;
  for (size_t mask = 1; mask < found.exact.size(); ++mask) {
    out.total += found.exact[mask];
    IntersectionView item;
    for (size_t i = 0; i < ids.size(); ++i) {
      if ((mask >> i & 1) != 0) item.segment_ids.push_back(to_public(ids[i]));
    }
    for (size_t other = mask; other < found.exact.size(); ++other) {
      if ((other & mask) == mask) item.count += found.exact[other];
    }
    item.only = found.exact[mask];
    out.intersections.push_back(std::move(item));
  }
  return Response::json(to_json(out));
}

Response compare(SegmentInsight& insight, const Request& request) {
  const auto body = parse_json<CompareBody>(request.body);
  const auto found = insight.compare(workspace_of(request), segment_id(body.first, "first"),
                                     segment_id(body.second, "second"));
  ComparisonView out;
  out.first_size = found.first_size;
  out.second_size = found.second_size;
  out.both = found.both;
  for (const auto& s : found.traits) {
    out.traits.push_back({s.name, RawJson{s.value}, s.first, s.second});
  }
  for (const auto& s : found.outcomes) out.outcomes.push_back({s.name, s.first, s.second});
  return Response::json(to_json(out));
}

}  // namespace

RouteGroup make_segment_history_routes(SegmentInsight& insight) {
  const auto route = [&](std::string method, std::string path, std::string operation,
                         std::string summary, std::string answer,
                         Response (*handler)(SegmentInsight&, const Request&)) {
    Route r;
    r.method = std::move(method);
    r.pattern = "/api/v1/segments" + path;
    r.permission = Permission::kSegmentsRead;
    r.operation_id = std::move(operation);
    r.summary = std::move(summary);
    r.tag = "segments";
    r.response_schema = std::move(answer);
    r.handler = [&insight, handler](const Request& request) { return handler(insight, request); };
    return r;
  };
  const QueryParameter from{"from", "RFC 3339 time, included; 30 days before `to` without it."};
  const QueryParameter to{"to", "RFC 3339 time, not included; now without it."};
  Route why =
      route("GET", "/{id}/explain", "explainSegment",
            "Why a customer is in a segment or not, node by node", "SegmentExplanation", explain);
  why.query = {{"customer", "Id of the customer; always to be given."}};
  Route size = route("GET", "/{id}/sizes", "listSegmentSizes",
                     "Size, entered and left by hour or day of UTC", "SegmentSizes", sizes);
  size.query = {{"unit", "hour or day."}, from, to};
  Route moves = route("GET", "/{id}/changes", "listSegmentChanges",
                      "Who entered and left between two moments", "SegmentChangePage", changes);
  moves.query = page_parameters({from, to});
  Route cross = route("POST", "/overlap", "overlapSegments",
                      "Counts of every intersection of 2 to 6 segments", "SegmentOverlap", overlap);
  cross.request_schema = "SegmentOverlapBody";
  Route versus =
      route("POST", "/compare", "compareSegments",
            "Traits and outcomes in which two segments differ most", "SegmentComparison", compare);
  versus.request_schema = "SegmentCompareBody";
  return {
      {why, size, moves, cross, versus},
      {named_schema<ExplanationView>("SegmentExplanation"), named_schema<SizesView>("SegmentSizes"),
       named_schema<Page<MovementView>>("SegmentChangePage"),
       named_schema<OverlapBody>("SegmentOverlapBody"), named_schema<OverlapView>("SegmentOverlap"),
       named_schema<CompareBody>("SegmentCompareBody"),
       named_schema<ComparisonView>("SegmentComparison")}};
}

}  // namespace rapport
