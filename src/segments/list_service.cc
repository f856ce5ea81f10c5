#include "segments/list_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "access/access_schema.h"
#include "access/name.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segment_engine.h"
#include "base/text.h"
#include "customers/import/csv_reader.h"
#include "segments/list_stage.h"
#include "segments/segment_references.h"

namespace rapport {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE lists (
  workspace BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace, id),
  UNIQUE (workspace, name)
);
)sql";

constexpr std::string_view kInsert =
    "INSERT INTO lists (workspace, id, name, created_at) VALUES ($1, $2, $3, $4)";
constexpr std::string_view kRename = "UPDATE lists SET name = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM lists WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFind =
    "SELECT workspace, id, name, created_at FROM lists WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFindByName = "SELECT id FROM lists WHERE workspace = $1 AND name = $2";
constexpr std::string_view kList =
    "SELECT workspace, id, name, created_at FROM lists WHERE workspace = $1 AND id > $2 "
    "ORDER BY id LIMIT $3";
constexpr std::string_view kCount = "SELECT count(*) FROM lists WHERE workspace = $1";
constexpr std::string_view kFindOwner =
    "SELECT customer FROM identifiers WHERE workspace = $1 AND kind = $2 AND value = $3";
constexpr std::string_view kFindSurvivor =
    "SELECT coalesce(merged_into, id) FROM customers WHERE id = $1 AND workspace = $2";

constexpr std::chrono::seconds kApplyDeadline{20};

CustomerList read_list(Statement& row) {
  return {WorkspaceId{row.id(0)}, ListId{row.id(1)}, std::string(row.text(2)), row.time(3)};
}

/// A text as the rows of a file.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  size_t read(char* into, size_t size) override {
    const size_t count = std::min(size, text_.size() - at_);
    std::memcpy(into, text_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t stored_position() const override { return at_; }
  uint64_t stored_size() const override { return text_.size(); }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

ListService::ListService(Ports ports) : ports_(std::move(ports)) {
  static constexpr std::array kMigrations{Migration{1, kTables}};
  ports_.control.migrate("lists", kMigrations);
}

void ListService::refuse_taken_name(Connection& c, WorkspaceId workspace, std::string_view name,
                                    ListId except) const {
  const auto taken = c.find(
      kFindByName, [](Statement& row) { return ListId{row.id(0)}; }, workspace, name);
  if (!taken || *taken == except) return;
  throw Error(ErrorCode::kConflict, "A list of this name exists already.")
      .with_field("name", "is taken by " + to_public(*taken));
}

CustomerList ListService::create(WorkspaceId workspace, std::string_view name, const Actor& actor) {
  CustomerList list{workspace, {}, check_name(name, "name"), ports_.clock.now()};
  ports_.control.write([&](Connection& c) {
    refuse_taken_name(c, workspace, list.name, {});
    const auto count = c.find(
        kCount, [](Statement& row) { return row.id(0); }, workspace);
    if (count.value_or(0) >= limits::kMaxLists) {
      throw Error(ErrorCode::kUnprocessable,
                  fmt::format("A workspace has at most {} lists.", limits::kMaxLists));
    }
    list.id = ListId{next_access_id(c, "lists")};
    c.run(kInsert, workspace, list.id, list.name, list.created_at);
    ports_.audit.record(c, workspace, actor, "list.create", to_public(list.id), list.name);
  });
  return list;
}

CustomerList ListService::rename(WorkspaceId workspace, ListId id, std::string_view name,
                                 const Actor& actor) {
  CustomerList list = get(workspace, id);
  list.name = check_name(name, "name");
  ports_.control.write([&](Connection& c) {
    refuse_taken_name(c, workspace, list.name, id);
    c.run(kRename, workspace, id, list.name);
    ports_.audit.record(c, workspace, actor, "list.update", to_public(id), list.name);
  });
  return list;
}

void ListService::remove(WorkspaceId workspace, ListId id, const Actor& actor) {
  const CustomerList list = get(workspace, id);
  const auto used_by = uses(workspace, id);
  if (!used_by.empty()) {
    throw Error(ErrorCode::kConflict, fmt::format("The list is used by {} “{}”.",
                                                  used_by.front().kind, used_by.front().name));
  }
  // Told first: what a crash leaves is an empty list, not members of none.
  ports_.writer.append({make_list_deleted(workspace, id, ports_.clock.now())});
  ports_.control.write([&](Connection& c) {
    c.run(kRemove, workspace, id);
    ports_.audit.record(c, workspace, actor, "list.remove", to_public(id), list.name);
  });
}

std::vector<AudienceUse> ListService::uses(WorkspaceId workspace, ListId id) const {
  get(workspace, id);
  std::vector<AudienceUse> out;
  SegmentId after;
  for (;;) {
    const auto page = ports_.segments.list(workspace, after, limits::kMaxPage);
    for (const Segment& segment : page) {
      const auto named = named_lists(segment.condition);
      if (std::find(named.begin(), named.end(), id) == named.end()) continue;
      out.push_back({"segment", to_public(segment.id), segment.name});
    }
    if (page.size() < limits::kMaxPage) break;
    after = page.back().id;
  }
  for (const AudienceUses& ask : uses_) {
    for (AudienceUse& use : ask(workspace, to_public(id))) out.push_back(std::move(use));
  }
  return out;
}

CustomerList ListService::get(WorkspaceId workspace, ListId id) const {
  auto list = ports_.control.read_value(
      [&](Connection& c) { return c.find(kFind, read_list, workspace, id); });
  if (!list) throw Error::not_found("list");
  return std::move(*list);
}

std::vector<CustomerList> ListService::list(WorkspaceId workspace, ListId after,
                                            size_t limit) const {
  return ports_.control.read_value([&](Connection& c) {
    std::vector<CustomerList> out;
    c.each(
        kList, [&](Statement& row) { out.push_back(read_list(row)); }, workspace, after, limit);
    return out;
  });
}

uint64_t ListService::size(WorkspaceId workspace, ListId id) const {
  return ports_.state.read_value(
      [&](Connection& c) { return count_list_members(c, workspace, id); });
}

std::vector<CustomerId> ListService::find_customers(WorkspaceId workspace, std::string_view kind,
                                                    const std::vector<std::string>& values,
                                                    Outcome& outcome,
                                                    const std::vector<uint64_t>& lines) const {
  std::vector<CustomerId> found;
  const auto id_of = [](Statement& row) { return CustomerId{row.id(0)}; };
  ports_.state.read([&](Connection& c) {
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string& value = values[i];
      std::optional<CustomerId> customer;
      if (kind == "customer_id") {
        const auto id = parse_id<CustomerTag>(trim(value));
        if (id) customer = c.find(kFindSurvivor, id_of, *id, workspace);
      } else {
        const std::string normal =
            kind == "email" ? to_lower_ascii(trim(value)) : std::string(trim(value));
        customer = c.find(kFindOwner, id_of, workspace, kind, normal);
      }
      if (customer) {
        found.push_back(*customer);
      } else {
        if (++outcome.unknown <= limits::kMaxUnknownExamples) outcome.examples.push_back(value);
        if (i < lines.size() && outcome.not_found.size() < limits::kMaxUnknownRows) {
          outcome.not_found.push_back({lines[i], value});
        }
      }
    }
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void ListService::tell(const CustomerList& list, const std::vector<CustomerId>& customers,
                       bool add) {
  const std::string request = std::to_string(ports_.random.next());
  Offset last = 0;
  for (size_t from = 0; from < customers.size(); from += limits::kListEventBatch) {
    const size_t end = std::min(customers.size(), from + limits::kListEventBatch);
    std::vector<NewEvent> events;
    for (size_t i = from; i < end; ++i) {
      events.push_back(make_list_change(list, customers[i], add, ports_.clock.now(), request));
    }
    last = ports_.writer.append(std::move(events)).last;
  }
  // Whoever looks next sees what was done, unless much else waits.
  if (last != 0) ports_.projector.wait_applied(last, kApplyDeadline);
}

void ListService::record(const CustomerList& list, const Actor& actor, std::string_view action,
                         const Outcome& outcome) {
  ports_.audit.record(list.workspace, actor, action, to_public(list.id),
                      fmt::format("{} customers", outcome.changed));
}

ListService::Outcome ListService::change(WorkspaceId workspace, ListId id, std::string_view kind,
                                         const std::vector<std::string>& values, bool add,
                                         const Actor& actor) {
  if (kind.empty()) throw Error::invalid("kind", "names a kind of identifier, or customer_id");
  if (values.empty() || values.size() > limits::kMaxListBatch) {
    throw Error::invalid("values", fmt::format("takes 1 to {} values", limits::kMaxListBatch));
  }
  const CustomerList list = get(workspace, id);
  Outcome outcome;
  const auto customers = find_customers(workspace, kind, values, outcome, {});
  tell(list, customers, add);
  outcome.changed = customers.size();
  record(list, actor, add ? "list.add_members" : "list.remove_members", outcome);
  return outcome;
}

ListService::Outcome ListService::add_csv(WorkspaceId workspace, ListId id, std::string_view kind,
                                          std::string_view column, std::string_view csv,
                                          const Actor& actor) {
  if (kind.empty()) throw Error::invalid("kind", "names a kind of identifier, or customer_id");
  const CustomerList list = get(workspace, id);
  TextSource source(csv);
  CsvReader reader(source, {});
  size_t at = 0;
  if (!column.empty()) {
    const auto& columns = reader.columns();
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) throw Error::invalid("column", "is not in the header");
    at = static_cast<size_t>(found - columns.begin());
  }
  std::vector<std::string> values;
  std::vector<uint64_t> lines;
  while (reader.next()) {
    if (!reader.problem().empty()) {
      throw Error::invalid("csv", fmt::format("line {}: {}", reader.line(), reader.problem()));
    }
    const std::string_view cell = trim(reader.cells()[at]);
    if (cell.empty()) continue;
    values.emplace_back(cell);
    lines.push_back(reader.line());
  }
  Outcome outcome;
  outcome.rows = values.size();
  const auto customers = find_customers(workspace, kind, values, outcome, lines);
  tell(list, customers, true);
  outcome.changed = customers.size();
  record(list, actor, "list.add_members", outcome);
  return outcome;
}

ListService::Outcome ListService::add_condition(WorkspaceId workspace, ListId id,
                                                const Condition& condition, const Actor& actor) {
  const CustomerList list = get(workspace, id);
  std::vector<CustomerId> customers;
  ports_.evaluator.each_member(workspace, condition,
                               [&](CustomerId customer) { customers.push_back(customer); });
  tell(list, customers, true);
  Outcome outcome;
  outcome.changed = customers.size();
  record(list, actor, "list.add_members", outcome);
  return outcome;
}

ListService::Outcome ListService::add_segment(WorkspaceId workspace, ListId id, SegmentId segment,
                                              const Actor& actor) {
  const CustomerList list = get(workspace, id);
  std::vector<CustomerId> customers;
  ports_.segments.each_member(
      ports_.segments.get(workspace, segment),
      [&](CustomerId customer) { customers.push_back(customer); }, std::nullopt);
  tell(list, customers, true);
  Outcome outcome;
  outcome.changed = customers.size();
  record(list, actor, "list.add_members", outcome);
  return outcome;
}

ListService::MemberPage ListService::members(WorkspaceId workspace, ListId id, CustomerId after,
                                             size_t limit) const {
  get(workspace, id);
  auto found = ports_.state.read_value(
      [&](Connection& c) { return list_members(c, workspace, id, after, limit + 1); });
  MemberPage page;
  if (found.size() > limit) {
    found.resize(limit);
    page.next = found.back();
  }
  page.items = ports_.customers.summaries(workspace, found);
  return page;
}

}  // namespace rapport
