#include "customers/import/event_builder.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "customers/import/cell_values.h"

namespace rapport {
namespace {

const std::vector<ValueRule> kNoRules;

/// Length before each part, so that ("ab","c") and ("a","bc") differ.
void append_key_part(std::string& key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

uint64_t hash_64(std::string_view key) {
  uint64_t value = 0;
  const auto hash = hash_128({key});
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

/// Text of an accumulated value; empty when the member is left out.
std::string final_text(const ValueRule& rule, const std::string& text, const Decimal& sum,
                       uint64_t count) {
  switch (rule.kind) {
    case ValueRule::Kind::kConstant:
      return rule.constant;
    case ValueRule::Kind::kCount:
      return std::to_string(count);
    case ValueRule::Kind::kSum: {
      const Decimal signed_sum = rule.negate ? sum.negated() : sum;
      return (rule.round ? signed_sum.rounded(*rule.round) : signed_sum).text();
    }
    case ValueRule::Kind::kList:
      return "[" + text + "]";
    case ValueRule::Kind::kColumn:
      return text;
  }
  return {};
}

}  // namespace

EventBuilder::EventBuilder(const Mapping& mapping, const std::vector<std::string>& file_columns,
                           OnEvent on_event, OnRefused on_refused)
    : mapping_(mapping), on_event_(std::move(on_event)), on_refused_(std::move(on_refused)) {
  for (const std::string& name : mapping.columns) {
    const auto found = std::find(file_columns.begin(), file_columns.end(), name);
    if (found == file_columns.end()) {
      std::string present;
      for (const std::string& other : file_columns) {
        present += (present.empty() ? "" : ", ") + other;
      }
      throw Error::invalid("file", "has no column " + name + "; it has " + present);
    }
    cell_of_.push_back(static_cast<size_t>(found - file_columns.begin()));
  }
}

EventBuilder::~EventBuilder() = default;

std::string_view EventBuilder::cell(ColumnIndex column) const {
  return row_->cells()[cell_of_[column]];
}

std::string EventBuilder::problem(ColumnIndex column, std::string_view what) const {
  return mapping_.columns[column] + ": " + std::string(what);
}

void EventBuilder::refuse(std::string reason) {
  RefusedRow refused{row_->line(), std::move(reason), {}};
  refused.cells.assign(row_->cells().begin(), row_->cells().end());
  on_refused_(std::move(refused));
}

void EventBuilder::add(const RowReader& reader) {
  row_ = &reader;
  if (!reader.problem().empty()) {
    on_refused_({reader.line(), std::string(reader.problem()), {}});
    return;
  }
  for (const RequiredColumn& required : mapping_.required) {
    if (trim(cell(required.column)).empty()) {
      refuse(required.reason);
      return;
    }
  }
  Group row;
  row.line = reader.line();
  problem_.clear();
  const bool fine = identify_row(row) && choose_event(row);
  if (!mapping_.group_by.empty()) {
    if (!fine) row.broken = problem_;
    add_to_group(std::move(row));
  } else if (fine) {
    add_single(std::move(row));
  } else {
    refuse(problem_);
  }
}

/// Identifiers and time of the row. False with problem_ set.
bool EventBuilder::identify_row(Group& row) {
  const auto take = [&](const ValueRule& rule, std::string& into) {
    auto text = identifier_text(cell(rule.column), rule.cast);
    const bool missing = trim(cell(rule.column)).empty();
    if (!text && !missing) problem_ = problem(rule.column, "not an integer");
    if (text && text->size() > limits::kMaxIdentifierBytes) {
      problem_ = problem(rule.column, "longer than an identifier may be");
    }
    if (text) into = std::move(*text);
    return problem_.empty();
  };
  if (mapping_.user_id && !take(*mapping_.user_id, row.user_id)) return false;
  if (mapping_.anonymous_id && !take(*mapping_.anonymous_id, row.anonymous_id)) return false;
  if (row.user_id.empty() && row.anonymous_id.empty()) {
    problem_ = "without an identifier";
    return false;
  }
  for (const ValueRule& rule : mapping_.identifiers) {
    std::string id;
    if (!take(rule, id)) return false;
    if (id.empty()) continue;
    if (!row.external_ids.empty()) row.external_ids += ',';
    row.external_ids += "{\"id\":" + json_quote(id) + ",\"type\":" + json_quote(rule.name) +
                        ",\"collection\":\"users\",\"encoding\":\"none\"}";
  }
  if (mapping_.timestamp) {
    const std::string_view text = cell(mapping_.timestamp->column);
    if (text != cached_time_text_ || cached_time_text_.empty()) {
      cached_time_text_ = text;
      cached_time_ = parse_cell_time(text, mapping_.timestamp->format, mapping_.time_zone);
    }
    if (!cached_time_) {
      problem_ = problem(mapping_.timestamp->column, "not a date and time");
      return false;
    }
    row.time = cached_time_;
  }
  return true;
}

bool EventBuilder::choose_event(Group& row) {
  for (const EventRule& rule : mapping_.events) {
    const bool holds = std::all_of(rule.when.begin(), rule.when.end(), [&](const auto& condition) {
      return condition_holds(condition, cell(condition.column));
    });
    if (!holds) continue;
    row.event = &rule;
    row.event_name = rule.name_column ? std::string(trim(cell(*rule.name_column))) : rule.name;
    if (row.event_name.empty() || row.event_name.size() > limits::kMaxEventNameBytes) {
      problem_ = problem(*rule.name_column, "not an event name");
      return false;
    }
    return true;
  }
  if (mapping_.events.empty()) return true;
  problem_ = "no event rule matches";
  return false;
}

void EventBuilder::add_single(Group row) {
  row.lines.push_back(row.line);
  const auto empty = [](const std::vector<ValueRule>& rules) {
    return std::vector<Partial>(rules.size());
  };
  row.traits = empty(mapping_.traits);
  if (row.event) row.properties = empty(row.event->properties);
  const bool fine = (!row.event || accumulate(row.event->properties, row.properties, row)) &&
                    accumulate(mapping_.traits, row.traits, row);
  if (!fine) {
    refuse(problem_);
    return;
  }
  std::string key;
  for (const ColumnIndex column : mapping_.message_id) append_key_part(key, cell(column));
  if (emit(row, mapping_.message_id.empty() ? whole_row_key() : key)) {
    remember(row);
  } else {
    refuse(problem_);
  }
}

std::string EventBuilder::whole_row_key() const {
  std::string key;
  for (const std::string_view value : row_->cells()) append_key_part(key, value);
  return key;
}

void EventBuilder::add_to_group(Group row) {
  std::string key;
  for (const ColumnIndex column : mapping_.group_by) append_key_part(key, cell(column));
  const auto found = open_.find(key);
  if (found == open_.end() && closed_.count(hash_64(key)) > 0) {
    refuse("too far from the other rows of its group");
    return;
  }
  if (found != open_.end()) groups_.splice(groups_.end(), groups_, found->second);
  Group& group = found != open_.end() ? *found->second : open_group(row, std::move(key));
  const size_t before = group.bytes;
  if (!row.broken.empty()) {
    break_group(group, row.broken);
  } else if (!group.broken.empty()) {
    refuse("in a group with a refused row");
  } else if (row.user_id != group.user_id || row.anonymous_id != group.anonymous_id) {
    break_group(group, "another customer than the rest of its group");
  } else if (row.event != group.event || row.event_name != group.event_name) {
    break_group(group, "another event than the rest of its group");
  } else if (!accumulate(group.event ? group.event->properties : kNoRules, group.properties,
                         group) ||
             !accumulate(mapping_.traits, group.traits, group)) {
    break_group(group, problem_);
  } else if (group.bytes > limits::kMaxImportEventBytes) {
    break_group(group, "the event is over its size limit");
  } else {
    group.lines.push_back(row.line);
    group.bytes += sizeof(uint64_t);
  }
  open_bytes_ += group.bytes - before;
  while (groups_.size() > mapping_.max_open_groups ||
         (open_bytes_ > limits::kMaxImportOpenBytes && groups_.size() > 1)) {
    close_oldest();
  }
}

EventBuilder::Group& EventBuilder::open_group(Group row, std::string key) {
  row.key = std::move(key);
  row.broken.clear();
  row.traits.resize(mapping_.traits.size());
  if (row.event) row.properties.resize(row.event->properties.size());
  groups_.push_back(std::move(row));
  open_.emplace(groups_.back().key, std::prev(groups_.end()));
  return groups_.back();
}

/// Refuses the row at hand and, with it, all rows the group already has.
void EventBuilder::break_group(Group& group, std::string reason) {
  refuse(std::move(reason));
  for (const uint64_t line : group.lines) {
    on_refused_({line, "in a group with a refused row", {}});
  }
  group.broken = "broken";
  group.lines = {};
  group.properties = {};
  group.traits = {};
  group.bytes = 0;
}

void EventBuilder::close_oldest() {
  Group& group = groups_.front();
  closed_.insert(hash_64(group.key));
  open_bytes_ -= group.bytes;
  if (group.broken.empty()) {
    if (emit(group, group.key)) {
      remember(group);
    } else {
      for (const uint64_t line : group.lines) on_refused_({line, problem_, {}});
    }
  }
  open_.erase(group.key);
  groups_.pop_front();
}

/// Adds the row at hand to the values. False with problem_ set.
bool EventBuilder::accumulate(const std::vector<ValueRule>& rules, std::vector<Partial>& into,
                              Group& group) {
  using Kind = ValueRule::Kind;
  for (size_t i = 0; i < rules.size(); ++i) {
    const ValueRule& rule = rules[i];
    Partial& partial = into[i];
    const size_t before = partial.text.size();
    if (rule.kind == Kind::kCount) {
      ++partial.count;
    } else if (rule.kind == Kind::kSum) {
      if (!accumulate_sum(rule, partial)) return false;
    } else if (rule.kind == Kind::kList) {
      if (!partial.text.empty()) partial.text += ',';
      if (!append_item(rule, partial.text)) return false;
    } else if (rule.kind == Kind::kColumn) {
      const std::string_view text = cell(rule.column);
      if (trim(text).empty() || (!rule.last && !partial.text.empty())) continue;
      partial.text.clear();
      const auto what = append_cell(text, rule, mapping_.time_zone, partial.text);
      if (!what.empty()) {
        problem_ = problem(rule.column, what);
        return false;
      }
    }
    group.bytes += partial.text.size() - std::min(before, partial.text.size());
  }
  return true;
}

std::optional<Decimal> EventBuilder::product(const ValueRule& rule) {
  std::optional<Decimal> result;
  for (const ColumnIndex column : rule.factors) {
    const auto factor = Decimal::parse(trim(cell(column)));
    if (!factor) {
      problem_ = problem(column, "not a number");
      return std::nullopt;
    }
    result = result ? result->times(*factor) : factor;
  }
  return result;
}

bool EventBuilder::accumulate_sum(const ValueRule& rule, Partial& into) {
  const auto row = product(rule);
  if (!row) return false;
  const auto sum = into.sum.plus(*row);
  if (!sum) {
    problem_ = problem(rule.factors[0], "the sum is too large");
    return false;
  }
  into.sum = *sum;
  return true;
}

/// Appends one object made of the row at hand.
bool EventBuilder::append_item(const ValueRule& list, std::string& out) {
  out += '{';
  const size_t start = out.size();
  for (const ValueRule& rule : list.items) {
    if (rule.kind == ValueRule::Kind::kColumn && trim(cell(rule.column)).empty()) continue;
    if (out.size() > start) out += ',';
    out += rule.key;
    if (rule.kind == ValueRule::Kind::kSum) {
      const auto value = product(rule);
      if (!value) return false;
      out += final_text(rule, {}, *value, 0);
    } else if (rule.kind == ValueRule::Kind::kConstant) {
      out += rule.constant;
    } else {
      const auto what = append_cell(cell(rule.column), rule, mapping_.time_zone, out);
      if (!what.empty()) {
        problem_ = problem(rule.column, what);
        return false;
      }
    }
  }
  out += '}';
  return true;
}

std::string EventBuilder::message_id(std::string_view kind, std::string_view key) const {
  return "imp_" + base64url_encode(as_view(hash_128({mapping_.name, kind, key})));
}

/// Hands out the track event of a finished group. False with problem_ set.
bool EventBuilder::emit(Group& group, std::string_view key) {
  if (!group.event) return true;
  ImportEvent event;
  event.name = group.event_name;
  event.message_id = message_id("track", key);
  event.line = group.line;
  std::string& out = event.json;
  out.reserve(group.bytes + 512);
  out += "{\"type\":\"track\",\"event\":" + json_quote(group.event_name) + ",\"messageId\":\"" +
         event.message_id + "\"";
  if (!group.user_id.empty()) out += ",\"userId\":" + json_quote(group.user_id);
  if (!group.anonymous_id.empty()) out += ",\"anonymousId\":" + json_quote(group.anonymous_id);
  if (group.time) out += ",\"timestamp\":\"" + format_timestamp(*group.time) + "\"";
  if (!group.external_ids.empty()) {
    out += ",\"context\":{\"externalIds\":[" + group.external_ids + "]}";
  }
  out += ",\"properties\":{";
  bool first = true;
  for (size_t i = 0; i < group.properties.size(); ++i) {
    const ValueRule& rule = group.event->properties[i];
    const Partial& partial = group.properties[i];
    const std::string text = final_text(rule, partial.text, partial.sum, partial.count);
    if (text.empty()) continue;
    if (!first) out += ',';
    first = false;
    out += rule.key;
    out += text;
  }
  out += "}}";
  if (out.size() > limits::kMaxImportEventBytes) {
    problem_ = "the event is over its size limit";
    return false;
  }
  on_event_(std::move(event));
  return true;
}

/// Notes the customer, and those traits that are later than what is known.
void EventBuilder::remember(Group& group) {
  const bool anonymous = group.user_id.empty();
  Customer& customer =
      customers_[(anonymous ? "a" : "u") + (anonymous ? group.anonymous_id : group.user_id)];
  customer.anonymous = anonymous;
  customer.traits.resize(mapping_.traits.size());
  if (customer.line == 0 || group.time >= customer.time) {
    customer.time = group.time;
    customer.line = group.line;
  }
  for (size_t i = 0; i < mapping_.traits.size(); ++i) {
    const Partial& partial = group.traits[i];
    std::string text = final_text(mapping_.traits[i], partial.text, partial.sum, partial.count);
    Latest& latest = customer.traits[i];
    if (text.empty() || (!latest.text.empty() && group.time < latest.time)) continue;
    latest = {std::move(text), group.time};
  }
}

void EventBuilder::emit_identify(const std::string& id, Customer& customer) {
  std::string traits;
  for (size_t i = 0; i < mapping_.traits.size(); ++i) {
    if (customer.traits[i].text.empty()) continue;
    if (!traits.empty()) traits += ',';
    traits += mapping_.traits[i].key + customer.traits[i].text;
  }
  if (traits.empty()) return;
  const std::string time = customer.time ? format_timestamp(*customer.time) : std::string();
  ImportEvent event;
  event.name = "identify";
  // The content is part of the key: a later file with newer traits is news, the same file is not.
  std::string key;
  for (const std::string_view part :
       {std::string_view(id), std::string_view(time), std::string_view(traits)}) {
    append_key_part(key, part);
  }
  event.message_id = message_id("identify", key);
  event.line = customer.line;
  event.json = "{\"type\":\"identify\",\"messageId\":\"" + event.message_id + "\",\"" +
               (customer.anonymous ? "anonymousId" : "userId") + "\":" + json_quote(id.substr(1));
  if (!time.empty()) event.json += ",\"timestamp\":\"" + time + "\"";
  event.json += ",\"traits\":{" + traits + "}}";
  on_event_(std::move(event));
}

void EventBuilder::finish() {
  while (!groups_.empty()) close_oldest();
  for (auto& [id, customer] : customers_) emit_identify(id, customer);
}

}  // namespace rapport
