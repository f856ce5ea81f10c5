#include "http/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <memory>

namespace rapport {
namespace json_detail {
namespace {

namespace bj = boost::json;

class Value final : public Node {
 public:
  explicit Value(Kind kind) : kind_(kind) {}

  Kind kind() const override { return kind_; }
  const std::string& text() const override { return text_; }
  size_t size() const override { return children_.size(); }
  const Node& at(size_t index) const override { return *children_[index]; }
  const std::string& key(size_t index) const override { return keys_[index]; }

  std::string to_json() const override {
    std::string out;
    append_json(out);
    return out;
  }

  void append_json(std::string& out) const {
    switch (kind_) {
      case Kind::kNull:
        out += "null";
        return;
      case Kind::kString:
        out += json_quote(text_);
        return;
      case Kind::kBool:
      case Kind::kNumber:
        out += text_;
        return;
      case Kind::kArray:
      case Kind::kObject:
        break;
    }
    const bool object = kind_ == Kind::kObject;
    out += object ? '{' : '[';
    for (size_t i = 0; i < children_.size(); ++i) {
      if (i > 0) out += ',';
      if (object) out += json_quote(keys_[i]) + ":";
      children_[i]->append_json(out);
    }
    out += object ? '}' : ']';
  }

  Kind kind_;
  std::string text_;
  std::vector<std::string> keys_;
  std::vector<std::unique_ptr<Value>> children_;
};

/// Builds the tree from Boost.JSON's parser events; numbers keep their digits, which Boost's own
/// document type would lose.
struct Builder {
  static constexpr size_t max_object_size = limits::kMaxJsonNodes;
  static constexpr size_t max_array_size = limits::kMaxJsonNodes;
  static constexpr size_t max_key_size = limits::kMaxApiBodyBytes;
  static constexpr size_t max_string_size = limits::kMaxImportBatchBytes;
  using error_code = boost::system::error_code;
  using View = bj::string_view;

  std::unique_ptr<Value> root;
  std::vector<Value*> open;
  std::string part;
  std::string key;
  size_t nodes = 0;

  Value* add(Node::Kind kind, error_code& ec) {
    if (++nodes > limits::kMaxJsonNodes) {
      ec = bj::error::array_too_large;
      return nullptr;
    }
    auto made = std::make_unique<Value>(kind);
    Value* added = made.get();
    if (open.empty()) {
      root = std::move(made);
    } else {
      if (open.back()->kind_ == Node::Kind::kObject) {
        open.back()->keys_.push_back(std::exchange(key, {}));
      }
      open.back()->children_.push_back(std::move(made));
    }
    return added;
  }
  bool scalar(Node::Kind kind, View text, error_code& ec) {
    Value* added = add(kind, ec);
    if (!added) return false;
    added->text_ = std::exchange(part, {});
    added->text_.append(text.data(), text.size());
    return true;
  }
  bool begin(Node::Kind kind, error_code& ec) {
    Value* added = add(kind, ec);
    if (added) open.push_back(added);
    return added != nullptr;
  }
  bool keep(View text) {
    part.append(text.data(), text.size());
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return begin(Node::Kind::kObject, ec); }
  bool on_array_begin(error_code& ec) { return begin(Node::Kind::kArray, ec); }
  bool on_object_end(size_t, error_code&) { return open.pop_back(), true; }
  bool on_array_end(size_t, error_code&) { return open.pop_back(), true; }
  bool on_key_part(View text, size_t, error_code&) { return keep(text); }
  bool on_key(View text, size_t, error_code&) {
    key = std::exchange(part, {});
    key.append(text.data(), text.size());
    return true;
  }
  bool on_string_part(View text, size_t, error_code&) { return keep(text); }
  bool on_string(View text, size_t, error_code& ec) {
    return scalar(Node::Kind::kString, text, ec);
  }
  bool on_number_part(View text, error_code&) { return keep(text); }
  bool on_int64(int64_t, View text, error_code& ec) {
    return scalar(Node::Kind::kNumber, text, ec);
  }
  bool on_uint64(uint64_t, View text, error_code& ec) {
    return scalar(Node::Kind::kNumber, text, ec);
  }
  bool on_double(double value, View text, error_code& ec) {
    if (!std::isfinite(value)) {
      ec = bj::error::not_number;
      return false;
    }
    return scalar(Node::Kind::kNumber, text, ec);
  }
  bool on_bool(bool value, error_code& ec) {
    return scalar(Node::Kind::kBool, value ? "true" : "false", ec);
  }
  bool on_null(error_code& ec) { return scalar(Node::Kind::kNull, "", ec); }
  bool on_comment_part(View, error_code&) { return true; }
  bool on_comment(View, error_code&) { return true; }
};

template <class Integer>
bool read_whole(const Node& node, Integer* value) {
  if (node.kind() != Node::Kind::kNumber) return false;
  const std::string& text = node.text();
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

std::unique_ptr<const Node> parse_document(std::string_view body) {
  if (trim(body).empty()) throw Error::invalid("body", "a JSON document is required");
  bj::parse_options options;
  options.max_depth = limits::kMaxApiJsonDepth;
  bj::basic_parser<Builder> parser(options);
  boost::system::error_code ec;
  const size_t used = parser.write_some(false, body.data(), body.size(), ec);
  if (!ec && used < body.size()) ec = bj::error::extra_data;
  if (ec) {
    const std::string why = ec == bj::error::array_too_large ? "too many values" : ec.message();
    throw Error::invalid("body", fmt::format("is not valid JSON at byte {}: {}", used, why));
  }
  return std::move(parser.handler().root);
}

void Reader::fail(const std::string& path, std::string message) {
  if (errors_.size() >= limits::kMaxFieldErrors) {
    ++more_;
    return;
  }
  errors_.push_back(
      {path.empty() ? "body" : std::string(utf8_prefix(path, 200)), std::move(message)});
}

void Reader::finish() const {
  if (errors_.empty()) return;
  std::string detail = fmt::format("{}: {}", errors_[0].field, errors_[0].message);
  const size_t others = errors_.size() - 1 + more_;
  if (others > 0) detail += fmt::format(" (and {} more)", others);
  Error error(ErrorCode::kInvalidArgument, std::move(detail));
  for (const FieldError& field : errors_) error.with_field(field.field, field.message);
  throw error;
}

std::string child_path(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string element_path(const std::string& path, size_t index) {
  return fmt::format("{}[{}]", path, index);
}

void write_number(std::string& out, double value) {
  // JSON has no word for infinity or "not a number".
  out += std::isfinite(value) ? fmt::format("{}", value) : "null";
}

bool read_integer(const Node& node, int64_t* value) {
  return read_whole(node, value);
}
bool read_integer(const Node& node, uint64_t* value) {
  return read_whole(node, value);
}

}  // namespace json_detail

PageRequest parse_page(const Request& request) {
  PageRequest page;
  if (const auto limit = request.query_value("limit")) {
    const auto number = parse_int(*limit);
    if (!number || *number < 1 || *number > static_cast<int64_t>(limits::kMaxPage)) {
      throw Error::invalid("limit", fmt::format("must be 1 to {}", limits::kMaxPage));
    }
    page.limit = static_cast<size_t>(*number);
  }
  page.cursor = request.query_value("cursor").value_or("");
  if (page.cursor.size() > limits::kMaxCursorBytes) throw Error::invalid("cursor", "is too long");
  return page;
}

std::vector<QueryParameter> page_parameters(std::vector<QueryParameter> others) {
  others.push_back({"limit", "Items a page, 1 to 1000; 50 when absent", "integer", false});
  others.push_back({"cursor", "next_cursor of the page before", "string", false});
  return others;
}

}  // namespace rapport
