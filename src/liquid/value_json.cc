#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "liquid/value.h"

namespace rapport::liquid {
namespace {

namespace json = boost::json;

std::string to_std(const json::string& text) {
  return std::string(text.data(), text.size());
}

Value convert(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return {};
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return static_cast<int64_t>(value.get_int64());
    case json::kind::uint64:
      return static_cast<uint64_t>(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    case json::kind::string:
      return to_std(value.get_string());
    case json::kind::array: {
      Array array;
      array.reserve(value.get_array().size());
      for (const auto& item : value.get_array()) array.push_back(convert(item));
      return array;
    }
    case json::kind::object: {
      Object object;
      for (const auto& member : value.get_object()) {
        object.set(std::string(member.key().data(), member.key().size()), convert(member.value()));
      }
      return object;
    }
  }
  return {};
}

}  // namespace

Value parse_json_value(std::string_view text) {
  json::parse_options options;
  options.max_depth = limits::kMaxJsonDepth;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && used < text.size() &&
      text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("not JSON at byte {}: extra text", used));
  }
  if (!error) parser.finish(error);
  if (error) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("not JSON at byte {}: {}", used, error.message()));
  }
  return convert(parser.release());
}

}  // namespace rapport::liquid
