#include "customers/import/jsonl_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;

void append_value(simdjson::dom::element value, std::string& out) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::NULL_VALUE:
      return;
    case Type::STRING:
      out += value.get_string().value_unsafe();
      return;
    case Type::INT64:
      out += fmt::format("{}", value.get_int64().value_unsafe());
      return;
    case Type::UINT64:
      out += fmt::format("{}", value.get_uint64().value_unsafe());
      return;
    case Type::DOUBLE:
      out += fmt::format("{}", value.get_double().value_unsafe());
      return;
    case Type::BOOL:
      out += value.get_bool().value_unsafe() ? "true" : "false";
      return;
    default:
      out += simdjson::minify(value);
  }
}

}  // namespace

struct JsonlReader::Impl {
  Impl(ByteSource& bytes, std::vector<std::string> names)
      : source(bytes), columns(std::move(names)), cells(columns.size()) {
    for (const std::string& column : columns) {
      std::vector<std::string> path;
      for (const std::string_view step : split(column, '.')) path.emplace_back(step);
      paths.push_back(std::move(path));
    }
  }

  /// Takes the next line that is not blank into `line`; false at the end.
  bool take_line();
  void fill_cells(simdjson::dom::object object);

  ByteSource& source;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> paths;
  std::vector<std::string_view> cells;
  std::string values;
  std::string buffer;
  size_t consumed = 0;
  bool at_end = false;
  uint64_t line_number = 0;
  std::string_view line;
  std::string_view problem;
  simdjson::dom::parser parser;
};

bool JsonlReader::Impl::take_line() {
  size_t searched = consumed;
  while (true) {
    const size_t newline = buffer.find('\n', searched);
    if (newline != std::string::npos || (at_end && consumed < buffer.size())) {
      const size_t stop = std::min(newline, buffer.size());
      line = trim(std::string_view(buffer).substr(consumed, stop - consumed));
      consumed = std::min(stop + 1, buffer.size());
      searched = consumed;
      ++line_number;
      if (line_number == 1 && line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);
      if (!line.empty()) return true;
      continue;
    }
    if (at_end) return false;
    buffer.erase(0, consumed);
    consumed = 0;
    searched = buffer.size();
    if (buffer.size() > limits::kMaxImportRowBytes) {
      throw Error::invalid("file", fmt::format("line {}: the line is over {} bytes",
                                               line_number + 1, limits::kMaxImportRowBytes));
    }
    buffer.resize(searched + kChunkBytes);
    const size_t count = source.read(buffer.data() + searched, kChunkBytes);
    buffer.resize(searched + count);
    at_end = count == 0;
  }
}

void JsonlReader::Impl::fill_cells(simdjson::dom::object object) {
  std::vector<size_t> ends;
  values.clear();
  for (const auto& path : paths) {
    simdjson::simdjson_result<simdjson::dom::element> value = object[path.front()];
    for (size_t i = 1; i < path.size(); ++i) value = value[path[i]];
    simdjson::dom::element found;
    if (value.get(found) == simdjson::SUCCESS) append_value(found, values);
    ends.push_back(values.size());
  }
  size_t begin = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    cells[i] = std::string_view(values).substr(begin, ends[i] - begin);
    begin = ends[i];
  }
}

JsonlReader::JsonlReader(ByteSource& source, std::vector<std::string> columns)
    : impl_(std::make_unique<Impl>(source, std::move(columns))) {}
JsonlReader::~JsonlReader() = default;

bool JsonlReader::next() {
  impl_->problem = {};
  if (!impl_->take_line()) return false;
  simdjson::dom::object object;
  simdjson::dom::element document;
  const auto error = impl_->parser.parse(impl_->line.data(), impl_->line.size()).get(document);
  if (error != simdjson::SUCCESS) {
    impl_->problem = "not valid JSON";
  } else if (document.get(object) != simdjson::SUCCESS) {
    impl_->problem = "not a JSON object";
  } else {
    impl_->fill_cells(object);
  }
  return true;
}

const std::vector<std::string>& JsonlReader::columns() const {
  return impl_->columns;
}
const std::vector<std::string_view>& JsonlReader::cells() const {
  return impl_->cells;
}
uint64_t JsonlReader::line() const {
  return impl_->line_number;
}
std::string_view JsonlReader::problem() const {
  return impl_->problem;
}

}  // namespace rapport
