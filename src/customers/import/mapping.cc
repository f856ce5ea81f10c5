#include "customers/import/mapping.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <map>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "customers/import/cell_values.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

namespace json = boost::json;

constexpr std::string_view kCastNames[] = {"text",    "number",    "integer", "integer_text",
                                           "boolean", "timestamp", "json"};

/// One member of the document and its path, for errors that name it.
struct Node {
  const json::value& value;
  std::string path;

  [[noreturn]] void fail(std::string message) const { throw Error::invalid(path, message); }
  const json::object& object() const {
    if (!value.is_object()) fail("must be an object");
    return value.get_object();
  }
  const json::array& array() const {
    if (!value.is_array()) fail("must be an array");
    return value.get_array();
  }
  std::string text() const {
    if (!value.is_string()) fail("must be a string");
    if (value.get_string().empty()) fail("must not be empty");
    return std::string(value.get_string());
  }
  bool boolean() const {
    if (!value.is_bool()) fail("must be true or false");
    return value.get_bool();
  }
  int64_t integer(int64_t low, int64_t high) const {
    if (!value.is_int64() || value.get_int64() < low || value.get_int64() > high) {
      fail("must be an integer from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return value.get_int64();
  }
  std::optional<Node> find(std::string_view name) const {
    const json::value* member = object().if_contains(name);
    if (!member) return std::nullopt;
    return Node{*member, path.empty() ? std::string(name) : path + "." + std::string(name)};
  }
  Node get(std::string_view name) const {
    auto member = find(name);
    if (!member) {
      throw Error::invalid(path.empty() ? std::string(name) : path + "." + std::string(name),
                           "is required");
    }
    return *member;
  }
  Node at(size_t index) const { return {array()[index], path + "[" + std::to_string(index) + "]"}; }
  void allow(std::initializer_list<std::string_view> names) const {
    for (const auto& member : object()) {
      if (std::find(names.begin(), names.end(), std::string_view(member.key())) == names.end()) {
        throw Error::invalid((path.empty() ? "" : path + ".") + std::string(member.key()),
                             "is not a member of this object");
      }
    }
  }
};

class Parser {
 public:
  explicit Parser(Mapping& mapping) : mapping_(mapping) {}

  void parse(const Node& root, TimeZone (*load_zone)(std::string_view));

 private:
  ColumnIndex column(const Node& node);
  std::vector<ColumnIndex> column_list(const Node& node);
  ValueRule value(const Node& node, std::string name, bool in_row);
  std::vector<ValueRule> values(const Node& node, bool in_row);
  ValueRule identifier(const Node& node, std::string name);
  Cast cast(const Node& node);
  RowCondition condition(const Node& node);
  EventRule event(const Node& node, const std::vector<ValueRule>& shared);
  void format(const Node& root);
  void events(const Node& root);

  Mapping& mapping_;
  std::map<std::string, ColumnIndex> indices_;
};

ColumnIndex Parser::column(const Node& node) {
  const std::string name = node.text();
  const auto [found, added] = indices_.try_emplace(name, mapping_.columns.size());
  if (added) {
    if (mapping_.columns.size() == limits::kMaxImportColumns) node.fail("too many columns");
    mapping_.columns.push_back(name);
  }
  return found->second;
}

std::vector<ColumnIndex> Parser::column_list(const Node& node) {
  std::vector<ColumnIndex> result;
  if (node.value.is_string()) return {column(node)};
  for (size_t i = 0; i < node.array().size(); ++i) result.push_back(column(node.at(i)));
  if (result.empty()) node.fail("must name at least one column");
  return result;
}

Cast Parser::cast(const Node& node) {
  const auto found = std::find(std::begin(kCastNames), std::end(kCastNames), node.text());
  if (found == std::end(kCastNames)) {
    node.fail("must be text, number, integer, integer_text, boolean, timestamp or json");
  }
  return static_cast<Cast>(found - std::begin(kCastNames));
}

/// `in_row`: the value is made of one row, so it can be neither a list nor a count.
ValueRule Parser::value(const Node& node, std::string name, bool in_row) {
  using Kind = ValueRule::Kind;
  ValueRule rule;
  rule.key = json_quote(name) + ":";
  rule.name = std::move(name);
  if (node.value.is_string()) {
    rule.column = column(node);
    return rule;
  }
  node.allow({"column", "cast", "pick", "negate", "constant", "sum_of", "round", "count", "list"});
  int sources = 0;
  if (const auto member = node.find("column")) {
    ++sources;
    rule.column = column(*member);
  }
  if (const auto member = node.find("constant")) {
    ++sources;
    rule.kind = Kind::kConstant;
    rule.constant = json::serialize(member->value);
  }
  if (const auto member = node.find("sum_of")) {
    ++sources;
    rule.kind = Kind::kSum;
    rule.factors = column_list(*member);
    if (rule.factors.size() > 2) member->fail("multiplies at most two columns");
  }
  if (const auto member = node.find("count")) {
    ++sources;
    rule.kind = Kind::kCount;
    if (in_row || !member->boolean()) member->fail("counts the rows of a group");
  }
  if (const auto member = node.find("list")) {
    ++sources;
    rule.kind = Kind::kList;
    if (in_row) member->fail("a list cannot hold lists");
    rule.items = values(*member, true);
  }
  if (sources != 1) node.fail("must have one of column, constant, sum_of, count, list");
  if (const auto member = node.find("cast")) rule.cast = cast(*member);
  if (const auto member = node.find("pick")) {
    const std::string pick = member->text();
    if (pick != "first" && pick != "last") member->fail("must be first or last");
    rule.last = pick == "last";
  }
  if (const auto member = node.find("negate")) {
    rule.negate = member->boolean();
    const bool number = rule.cast == Cast::kNumber || rule.cast == Cast::kInteger;
    if (rule.kind != Kind::kSum && !number) member->fail("needs a number, integer or sum");
  }
  if (const auto member = node.find("round")) {
    rule.round = static_cast<int>(member->integer(0, 12));
    if (rule.kind != Kind::kSum && rule.cast != Cast::kNumber) {
      member->fail("needs a number or a sum");
    }
  }
  return rule;
}

std::vector<ValueRule> Parser::values(const Node& node, bool in_row) {
  std::vector<ValueRule> result;
  for (const auto& member : node.object()) {
    const std::string name(member.key());
    result.push_back(value({member.value(), node.path + "." + name}, name, in_row));
  }
  return result;
}

ValueRule Parser::identifier(const Node& node, std::string name) {
  ValueRule rule = value(node, std::move(name), true);
  if (rule.kind != ValueRule::Kind::kColumn ||
      (rule.cast != Cast::kText && rule.cast != Cast::kIntegerText)) {
    node.fail("an identifier is a column cast to text or integer_text");
  }
  return rule;
}

RowCondition Parser::condition(const Node& node) {
  using Op = RowCondition::Op;
  static constexpr std::pair<std::string_view, Op> kOps[] = {{"equals", Op::kEquals},
                                                             {"not_equals", Op::kNotEquals},
                                                             {"in", Op::kIn},
                                                             {"starts_with", Op::kStartsWith},
                                                             {"empty", Op::kEmpty},
                                                             {"less_than", Op::kLessThan},
                                                             {"greater_than", Op::kGreaterThan}};
  RowCondition result;
  result.column = column(node.get("column"));
  if (node.object().size() != 2) node.fail("must have a column and one comparison");
  for (const auto& [name, op] : kOps) {
    const auto member = node.find(name);
    if (!member) continue;
    result.op = op;
    if (op == Op::kEmpty) {
      if (!member->boolean()) result.op = Op::kNotEmpty;
    } else if (op == Op::kIn) {
      for (size_t i = 0; i < member->array().size(); ++i) {
        result.values.push_back(member->at(i).text());
      }
    } else if (op == Op::kLessThan || op == Op::kGreaterThan) {
      if (!member->value.is_number()) member->fail("must be a number");
      result.values.push_back(json::serialize(member->value));
      if (!Decimal::parse(result.values.back())) member->fail("must be a plain decimal number");
    } else {
      result.values.push_back(member->text());
    }
    return result;
  }
  node.fail("compares with equals, not_equals, in, starts_with, empty, less_than or greater_than");
}

EventRule Parser::event(const Node& node, const std::vector<ValueRule>& shared) {
  node.allow({"name", "name_column", "when", "properties"});
  EventRule rule;
  const auto name = node.find("name");
  const auto name_column = node.find("name_column");
  if (name.has_value() == name_column.has_value()) node.fail("must have a name or a name_column");
  if (name) {
    rule.name = name->text();
    if (rule.name.size() > limits::kMaxEventNameBytes) name->fail("is too long");
  }
  if (name_column) rule.name_column = column(*name_column);
  if (const auto when = node.find("when")) {
    if (when->value.is_object()) {
      rule.when.push_back(condition(*when));
    } else {
      for (size_t i = 0; i < when->array().size(); ++i) rule.when.push_back(condition(when->at(i)));
    }
  }
  if (const auto properties = node.find("properties")) rule.properties = values(*properties, false);
  // An event's own property hides the shared one of the same name.
  for (const ValueRule& common : shared) {
    const bool own = std::any_of(rule.properties.begin(), rule.properties.end(),
                                 [&](const ValueRule& mine) { return mine.name == common.name; });
    if (!own) rule.properties.push_back(common);
  }
  return rule;
}

void Parser::format(const Node& root) {
  if (const auto member = root.find("format")) {
    mapping_.format = member->text();
    if (mapping_.format != "csv" && mapping_.format != "jsonl") {
      member->fail("must be csv or jsonl");
    }
  }
  const auto csv = root.find("csv");
  if (!csv) return;
  csv->allow({"delimiter", "columns"});
  if (const auto member = csv->find("delimiter")) {
    const std::string delimiter = member->text();
    if (delimiter.size() != 1 ||
        std::string_view("\"\r\n").find(delimiter[0]) != std::string::npos) {
      member->fail("must be one character, not a quote or line break");
    }
    mapping_.delimiter = delimiter[0];
  }
  if (const auto member = csv->find("columns")) {
    for (size_t i = 0; i < member->array().size(); ++i) {
      mapping_.header.push_back(member->at(i).text());
    }
  }
}

void Parser::events(const Node& root) {
  std::vector<ValueRule> shared;
  if (const auto member = root.find("properties")) shared = values(*member, false);
  const auto single = root.find("event");
  const auto several = root.find("events");
  if (single && several) several->fail("cannot stand beside event");
  if (single) {
    EventRule rule;
    rule.name = single->text();
    rule.properties = std::move(shared);
    mapping_.events.push_back(std::move(rule));
  } else if (several) {
    for (size_t i = 0; i < several->array().size(); ++i) {
      mapping_.events.push_back(event(several->at(i), shared));
    }
    if (mapping_.events.size() > limits::kMaxImportEventNames) several->fail("has too many rules");
  }
  if (const auto member = root.find("traits")) mapping_.traits = values(*member, false);
  if (mapping_.events.empty() && mapping_.traits.empty()) {
    throw Error::invalid("events", "a mapping makes events, traits or both");
  }
}

void Parser::parse(const Node& root, TimeZone (*load_zone)(std::string_view)) {
  root.allow({"name", "description", "format", "csv", "time_zone", "required", "user_id",
              "anonymous_id", "identifiers", "timestamp", "group_by", "max_open_groups",
              "message_id", "event", "events", "properties", "traits"});
  mapping_.name = root.get("name").text();
  format(root);
  if (const auto member = root.find("time_zone")) mapping_.time_zone = load_zone(member->text());
  if (const auto member = root.find("required")) {
    for (size_t i = 0; i < member->array().size(); ++i) {
      const Node item = member->at(i);
      item.allow({"column", "reason"});
      mapping_.required.push_back({column(item.get("column")), item.get("reason").text()});
    }
  }
  if (const auto member = root.find("user_id")) mapping_.user_id = identifier(*member, "user_id");
  if (const auto member = root.find("anonymous_id")) {
    mapping_.anonymous_id = identifier(*member, "anonymous_id");
  }
  if (!mapping_.user_id && !mapping_.anonymous_id) {
    throw Error::invalid("user_id", "a mapping sets user_id, anonymous_id or both");
  }
  if (const auto member = root.find("identifiers")) {
    for (const auto& entry : member->object()) {
      const std::string name(entry.key());
      mapping_.identifiers.push_back(identifier({entry.value(), member->path + "." + name}, name));
    }
  }
  if (const auto member = root.find("timestamp")) {
    TimestampRule rule;
    if (member->value.is_string()) {
      rule.column = column(*member);
    } else {
      member->allow({"column", "format"});
      rule.column = column(member->get("column"));
      if (const auto pattern = member->find("format")) {
        rule.format = pattern->text();
        if (!is_time_format(rule.format)) {
          pattern->fail("must be iso, unix, unix_ms or a pattern of %Y %y %m %d %H %I %M %S %p");
        }
      }
    }
    mapping_.timestamp = rule;
  }
  if (const auto member = root.find("group_by")) mapping_.group_by = column_list(*member);
  mapping_.max_open_groups = limits::kDefaultImportOpenGroups;
  if (const auto member = root.find("max_open_groups")) {
    mapping_.max_open_groups =
        static_cast<size_t>(member->integer(1, int64_t{limits::kMaxImportOpenGroups}));
  }
  if (const auto member = root.find("message_id")) {
    if (!mapping_.group_by.empty()) member->fail("is for rows that are not grouped");
    mapping_.message_id = column_list(*member);
  }
  events(root);
}

}  // namespace

Mapping parse_mapping(std::string_view text, TimeZone (*load_zone)(std::string_view name)) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = limits::kMaxJsonDepth;
  const json::value document = json::parse(text, error, {}, options);
  if (error) throw Error::invalid("mapping", "is not valid JSON: " + error.message());
  if (!document.is_object()) throw Error::invalid("mapping", "must be a JSON object");
  Mapping mapping;
  Parser(mapping).parse({document, ""}, load_zone);
  return mapping;
}

Mapping load_mapping(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(limits::kMaxMappingBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.gcount() <= 0) throw Error::invalid("mapping", "cannot read " + path);
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > limits::kMaxMappingBytes) throw Error::invalid("mapping", "is too long");
  return parse_mapping(text, [](std::string_view name) { return load_time_zone(name); });
}

}  // namespace rapport
