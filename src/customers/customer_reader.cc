#include "customers/customer_reader.h"

#include <algorithm>
#include <deque>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/console.h"
#include "base/text.h"
#include "base/text_fold.h"
#include "customers/event_json.h"

namespace rapport {
namespace {

constexpr std::string_view kFindSurvivor =
    "SELECT coalesce(merged_into, id) FROM customers WHERE id = $1 AND workspace = $2";
constexpr std::string_view kReadCustomer =
    "SELECT first_seen, last_seen, event_count FROM customers WHERE id = $1 AND workspace = $2";
constexpr std::string_view kReadIdentifiers =
    "SELECT kind, value, linked_at, reason, message_id FROM identifiers WHERE customer = $1 "
    "ORDER BY log_offset, kind, value";
constexpr std::string_view kReadTraits =
    "SELECT name, value FROM customer_traits WHERE customer = $1 AND value <> 'null' ORDER BY name";
constexpr std::string_view kReadMerged =
    "SELECT id FROM customers WHERE merged_into = $1 ORDER BY id";
constexpr std::string_view kFindOwner =
    "SELECT customer FROM identifiers WHERE workspace = $1 AND kind = $2 AND value = $3";
constexpr std::string_view kList =
    "SELECT id FROM customers WHERE workspace = $1 AND merged_into IS NULL AND id < $2 "
    "ORDER BY id DESC LIMIT $3";
// A prefix search: [text, text + U+10FFFF) is one range of each index.
constexpr std::string_view kFindByWhole =
    "SELECT customer AS id FROM identifiers WHERE workspace = $1 AND value >= $2 AND value < $3 "
    "UNION SELECT customer AS id FROM identifiers WHERE workspace = $1 AND value >= $4 "
    "AND value < $5 UNION SELECT customer AS id FROM customer_traits WHERE workspace = $1 "
    "AND search IS NOT NULL AND search >= $6 AND search < $7";
constexpr std::string_view kRejected =
    "SELECT log_offset, received_at, reason, field, message_id, raw FROM rejected_events "
    "WHERE workspace = $1 AND log_offset < $2 ORDER BY log_offset DESC LIMIT $3";
constexpr std::string_view kRefusals =
    "SELECT log_offset, kind, value, reason FROM identity_decisions "
    "WHERE workspace = $2 AND (customer = $1 OR customer IN (SELECT id FROM customers WHERE "
    "merged_into = $1)) ORDER BY log_offset DESC, kind, value LIMIT $3";
constexpr std::string_view kCount =
    "SELECT count(*) FROM customers WHERE workspace = $1 AND merged_into IS NULL";

constexpr int64_t kEnd = INT64_MAX;
constexpr std::string_view kAfterAnyText = "\xF4\x8F\xBF\xBF";

int64_t parse_offset_cursor(std::string_view cursor) {
  if (cursor.empty()) return kEnd;
  const auto value = parse_int(cursor);
  if (!value || *value < 0) throw Error::invalid("cursor", "is not one this list gave");
  return *value;
}

CustomerId parse_customer_cursor(std::string_view cursor) {
  if (cursor.empty()) return CustomerId{static_cast<uint64_t>(kEnd)};
  const auto id = parse_id<CustomerTag>(cursor);
  if (!id) throw Error::invalid("cursor", "is not one this list gave");
  return *id;
}

struct EventCursor {
  int64_t occurred_us = kEnd;
  int64_t offset = kEnd;
};

/// One search as a statement: its text depends on the number of words only.
class SearchStatement {
 public:
  explicit SearchStatement(std::string_view query)
      : exact_(query), lower_(to_lower_ascii(query)), folded_(fold_text(query)) {
    for (const std::string_view word : fold_words(folded_, limits::kMaxSearchWords)) {
      words_.emplace_back(word);
    }
    int next = 9;
    std::string by_words;
    for (size_t i = 0; i < words_.size(); ++i, next += 2) {
      const auto in = [&](std::string_view column) {
        return std::string(column) + " >= $" + std::to_string(next) + " AND " +
               std::string(column) + " < $" + std::to_string(next + 1);
      };
      by_words += i > 0 ? " INTERSECT SELECT id FROM (" : " UNION SELECT id FROM (SELECT id FROM (";
      by_words +=
          "SELECT customer AS id FROM customer_traits WHERE workspace = $1 AND search IS NOT NULL "
          "AND " +
          in("search") + " UNION SELECT customer AS id FROM customer_words WHERE workspace = $1 " +
          "AND " + in("word") + ")";
    }
    if (!words_.empty()) by_words += ")";
    sql_ = "SELECT id FROM (" + std::string(kFindByWhole) + by_words +
           ") WHERE id < $8 ORDER BY id DESC";
  }

  const std::string& sql() const { return sql_; }
  /// The texts bound live as long as this.
  void bind(Statement& s, WorkspaceId workspace, CustomerId before) const {
    s.bind(1, static_cast<int64_t>(workspace.value));
    bind_range(s, 2, lower_);
    bind_range(s, 4, exact_);
    bind_range(s, 6, folded_);
    s.bind(8, static_cast<int64_t>(before.value));
    for (size_t i = 0; i < words_.size(); ++i) {
      bind_range(s, static_cast<int>(9 + 2 * i), words_[i]);
    }
  }

 private:
  void bind_range(Statement& s, int index, const std::string& text) const {
    ends_.push_back(text + std::string(kAfterAnyText));
    s.bind(index, std::string_view(text));
    s.bind(index + 1, std::string_view(ends_.back()));
  }

  std::string exact_;
  std::string lower_;
  std::string folded_;
  std::vector<std::string> words_;
  mutable std::deque<std::string> ends_;
  std::string sql_;
};

/// Leaves a statement as it was found, however the reading ends.
struct StatementReset {
  Statement& statement;
  ~StatementReset() { statement.reset(); }
};

EventCursor parse_event_cursor(std::string_view cursor) {
  if (cursor.empty()) return {};
  const auto parts = split(cursor, '_');
  const auto time = parse_int(parts.front());
  const auto offset = parse_int(parts.back());
  if (parts.size() != 2 || !time || !offset) {
    throw Error::invalid("cursor", "is not one this list gave");
  }
  return {*time, *offset};
}

}  // namespace

struct CustomerReader::EventPlace {
  Offset offset;
  CustomerId customer;
  int64_t occurred_us;
};

std::string_view Customer::identifier(std::string_view kind) const {
  for (const LinkedIdentifier& identifier : identifiers) {
    if (identifier.kind == kind) return identifier.value;
  }
  return {};
}

std::string Customer::traits_json() const {
  std::string out = "{";
  for (const auto& [name, value] : traits) {
    if (out.size() > 1) out += ',';
    out += json_quote(name);
    out += ':';
    out += value;
  }
  return out + "}";
}

std::string_view Customer::text_trait(std::string_view name) const {
  for (const auto& [trait, value] : traits) {
    if (trait != name) continue;
    const bool plain_text =
        value.size() > 2 && value.front() == '"' && value.find('\\') == std::string::npos;
    return plain_text ? std::string_view(value).substr(1, value.size() - 2) : std::string_view();
  }
  return {};
}

std::string Customer::email() const {
  // The trait is what they said last; identifiers are all they ever used, the oldest first.
  std::string said(trim(text_trait("email")));
  return said.find('@') != std::string::npos ? said : std::string(identifier("email"));
}

std::string Customer::label() const {
  if (const auto name = text_trait("name"); !name.empty()) return std::string(name);
  for (const auto& [first, last] :
       {std::pair{"first_name", "last_name"}, std::pair{"firstName", "lastName"}}) {
    const std::string both = std::string(text_trait(first)) + " " + std::string(text_trait(last));
    if (both.size() > 1) return std::string(trim(both));
  }
  if (const std::string address = email(); !address.empty()) return address;
  return std::string(identifier("user_id"));
}

std::optional<Customer> read_customer(Connection& c, WorkspaceId workspace, CustomerId id) {
  const auto survivor = c.find(
      kFindSurvivor, [](Statement& row) { return CustomerId{row.id(0)}; }, id, workspace);
  if (!survivor) return std::nullopt;
  auto customer = c.find(
      kReadCustomer,
      [&](Statement& row) {
        Customer found;
        found.id = *survivor;
        found.first_seen = row.time(0);
        found.last_seen = row.time(1);
        found.event_count = row.integer(2);
        return found;
      },
      *survivor, workspace);
  if (!customer) return std::nullopt;
  c.each(
      kReadIdentifiers,
      [&](Statement& row) {
        customer->identifiers.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                         row.time(2), std::string(row.text(3)),
                                         std::string(row.text(4))});
      },
      *survivor);
  c.each(
      kReadTraits,
      [&](Statement& row) {
        customer->traits.emplace_back(std::string(row.text(0)), std::string(row.text(1)));
      },
      *survivor);
  c.each(
      kReadMerged, [&](Statement& row) { customer->merged_from.push_back({row.id(0)}); },
      *survivor);
  return customer;
}

std::vector<CustomerId> CustomerReader::find_ids(Connection& c, WorkspaceId workspace,
                                                 const CustomerFilter& filter, size_t limit,
                                                 CustomerId before) const {
  std::vector<CustomerId> ids;
  const std::string_view query = trim(filter.query);
  if (query.empty() && filter.among) {
    auto at = std::lower_bound(filter.among->begin(), filter.among->end(), before);
    while (at != filter.among->begin() && ids.size() < limit) ids.push_back(*--at);
    return ids;
  }
  if (query.empty()) {
    const auto collect = [&](Statement& row) { ids.push_back({row.id(0)}); };
    c.each(kList, collect, workspace, before, limit);
    return ids;
  }
  const SearchStatement search(query);
  Statement& s = c.prepare(search.sql());
  const StatementReset reset{s};
  search.bind(s, workspace, before);
  while (ids.size() < limit && s.step()) {
    const CustomerId id{s.id(0)};
    if (!filter.among || std::binary_search(filter.among->begin(), filter.among->end(), id)) {
      ids.push_back(id);
    }
  }
  return ids;
}

Slice<Customer> CustomerReader::list(WorkspaceId workspace, const CustomerFilter& filter,
                                     size_t limit, std::string_view cursor) const {
  const CustomerId before = parse_customer_cursor(cursor);
  if (filter.query.size() > limits::kMaxSearchBytes) {
    throw Error::invalid("query", "is longer than anything that is searched");
  }
  Slice<Customer> slice;
  state_.read([&](Connection& c) {
    std::vector<CustomerId> ids = find_ids(c, workspace, filter, limit + 1, before);
    if (ids.size() > limit) {
      ids.resize(limit);
      slice.next_cursor = to_public(ids.back());
    }
    for (const CustomerId id : ids) {
      if (auto customer = read_customer(c, workspace, id)) {
        slice.items.push_back(std::move(*customer));
      }
    }
  });
  return slice;
}

std::optional<Customer> CustomerReader::find(WorkspaceId workspace, CustomerId id) const {
  return state_.read_value([&](Connection& c) { return read_customer(c, workspace, id); });
}

std::optional<Customer> CustomerReader::find_by(WorkspaceId workspace, std::string_view kind,
                                                std::string_view value) const {
  const std::string normal =
      kind == "email" ? to_lower_ascii(trim(value)) : std::string(trim(value));
  return state_.read_value([&](Connection& c) -> std::optional<Customer> {
    const auto owner = c.find(
        kFindOwner, [](Statement& row) { return CustomerId{row.id(0)}; }, workspace, kind, normal);
    if (!owner) return std::nullopt;
    return read_customer(c, workspace, *owner);
  });
}

std::vector<Customer> CustomerReader::list_by_id(WorkspaceId workspace,
                                                 std::span<const CustomerId> ids) const {
  return state_.read_value([&](Connection& c) {
    std::vector<Customer> customers;
    for (const CustomerId id : ids) {
      if (auto customer = read_customer(c, workspace, id)) {
        customers.push_back(std::move(*customer));
      }
    }
    return customers;
  });
}

std::map<CustomerId, std::string> CustomerReader::read_labels(
    WorkspaceId workspace, std::span<const EventPlace> places) const {
  std::map<CustomerId, std::string> labels;
  state_.read([&](Connection& c) {
    for (const EventPlace& place : places) {
      const auto [it, fresh] = labels.try_emplace(place.customer);
      if (!fresh || place.customer.value == 0) continue;
      if (const auto customer = read_customer(c, workspace, place.customer)) {
        it->second = customer->label();
      }
    }
  });
  return labels;
}

std::vector<CustomerId> CustomerReader::people(WorkspaceId workspace,
                                               const EventListFilter& filter) const {
  if (filter.customer) return {*filter.customer};
  if (const auto id = parse_id<CustomerTag>(filter.who)) {
    const auto customer = find(workspace, *id);
    return customer ? std::vector{customer->id} : std::vector<CustomerId>{};
  }
  std::vector<CustomerId> found;
  CustomerFilter named;
  named.query = filter.who;
  for (const Customer& customer : list(workspace, named, limits::kMaxEventPeople, {}).items) {
    found.push_back(customer.id);
  }
  return found;
}

Slice<std::string> CustomerReader::events(WorkspaceId workspace, const EventListFilter& filter,
                                          size_t limit, std::string_view cursor) const {
  const EventCursor before = parse_event_cursor(cursor);
  std::vector<WarehouseValue> parameters{workspace.value, before.occurred_us,
                                         static_cast<uint64_t>(before.offset), int64_t(limit + 1)};
  std::string where =
      "e.workspace = $1 AND (e.occurred_at < $2 OR (e.occurred_at = $2 AND e.log_offset < $3))";
  const auto parameter = [&](WarehouseValue value) {
    parameters.push_back(std::move(value));
    return "$" + std::to_string(parameters.size());
  };
  if (filter.customer || !filter.who.empty()) {
    std::string ids;
    for (const CustomerId id : people(workspace, filter)) {
      ids += (ids.empty() ? "" : ", ") + parameter(id.value);
    }
    if (ids.empty()) return {};
    where += " AND (e.customer IN (" + ids + ") OR e.customer IN (SELECT customer FROM " +
             "successors WHERE workspace = $1 AND successor IN (" + ids + ")))";
  }
  if (filter.type) where += " AND e.type = " + parameter(int64_t{*filter.type});
  if (!filter.name.empty()) where += " AND e.name = " + parameter(filter.name);
  const std::string sql =
      "SELECT e.log_offset, coalesce(s.successor, e.customer), e.occurred_at FROM (SELECT * FROM "
      "(SELECT log_offset, customer, occurred_at FROM events e WHERE " +
      where +
      ") ORDER BY occurred_at DESC, log_offset DESC LIMIT $4) e LEFT JOIN successors s ON "
      "s.workspace = $1 AND s.customer = e.customer ORDER BY e.occurred_at DESC, e.log_offset DESC";
  std::vector<EventPlace> places;
  warehouse_.query(sql, parameters, [&](const WarehouseRow& row) {
    places.push_back({row.id(0), CustomerId{row.id(1)}, row.integer(2)});
  });
  Slice<std::string> slice;
  if (places.size() > limit) {
    places.resize(limit);
    slice.next_cursor =
        std::to_string(places.back().occurred_us) + "_" + std::to_string(places.back().offset);
  }
  const auto labels = read_labels(workspace, places);
  for (const EventPlace& place : places) {
    const auto record = log_.find(place.offset);
    if (!record) continue;
    slice.items.push_back(render_event_json(place.offset, decode_event(*record), place.customer,
                                            labels.at(place.customer)));
  }
  return slice;
}

std::vector<std::string> CustomerReader::events_after(WorkspaceId workspace, Offset after,
                                                      size_t limit) const {
  const std::vector<WarehouseValue> parameters{workspace.value, static_cast<uint64_t>(after),
                                               static_cast<int64_t>(limit)};
  std::vector<EventPlace> places;
  warehouse_.query(
      "SELECT e.log_offset, coalesce(s.successor, e.customer), e.occurred_at FROM (SELECT * FROM "
      "(SELECT log_offset, customer, occurred_at FROM events WHERE workspace = $1 AND log_offset > "
      "$2) ORDER BY log_offset DESC LIMIT $3) e LEFT JOIN successors s ON s.workspace = $1 AND "
      "s.customer = e.customer ORDER BY e.log_offset",
      parameters, [&](const WarehouseRow& row) {
        places.push_back({row.id(0), CustomerId{row.id(1)}, row.integer(2)});
      });
  const auto labels = read_labels(workspace, places);
  std::vector<std::string> events;
  for (const EventPlace& place : places) {
    const auto record = log_.find(place.offset);
    if (!record) continue;
    events.push_back(render_event_json(place.offset, decode_event(*record), place.customer,
                                       labels.at(place.customer)));
  }
  return events;
}

Slice<RejectedEvent> CustomerReader::rejected(WorkspaceId workspace, size_t limit,
                                              std::string_view cursor) const {
  const int64_t before = parse_offset_cursor(cursor);
  Slice<RejectedEvent> slice;
  state_.read([&](Connection& c) {
    c.each(
        kRejected,
        [&](Statement& row) {
          slice.items.push_back({row.id(0), row.time(1), std::string(row.text(2)),
                                 std::string(row.text(3)), std::string(row.text(4)),
                                 std::string(row.text(5))});
        },
        workspace, before, limit + 1);
  });
  if (slice.items.size() > limit) {
    slice.items.resize(limit);
    slice.next_cursor = std::to_string(slice.items.back().offset);
  }
  return slice;
}

std::vector<IdentityRefusal> CustomerReader::refusals(WorkspaceId workspace, CustomerId customer,
                                                      size_t limit) const {
  return state_.read_value([&](Connection& c) {
    std::vector<IdentityRefusal> rows;
    c.each(
        kRefusals,
        [&](Statement& row) {
          rows.push_back({row.id(0), std::string(row.text(1)), std::string(row.text(2)),
                          std::string(row.text(3))});
        },
        customer, workspace, limit);
    return rows;
  });
}

int64_t CustomerReader::count(WorkspaceId workspace) const {
  return state_.read_value([&](Connection& c) {
    return c
        .find(
            kCount, [](Statement& row) { return row.integer(0); }, workspace)
        .value_or(0);
  });
}

int64_t CustomerReader::count_events(WorkspaceId workspace) const {
  int64_t count = 0;
  const std::vector<WarehouseValue> parameters{workspace.value};
  warehouse_.query("SELECT count(*) FROM events WHERE workspace = $1", parameters,
                   [&](const WarehouseRow& row) { count = row.integer(0); });
  return count;
}

}  // namespace rapport
