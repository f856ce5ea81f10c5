// The condition parser and compiler on any bytes: a condition is refused with a field, or is
// written back to the same text and compiled to SQL that holds none of the text a person wrote.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "segments/condition.h"
#include "segments/condition_sql.h"

namespace {

void require(bool held) {
  if (!held) std::abort();
}

/// Bytes that only appear in SQL when someone's text slipped in: fixed pieces are plain ASCII.
bool is_fixed_text(std::string_view sql) {
  for (const char c : sql) {
    if (c < 0x20 || c > 0x7E || c == ';' || c == '\\') return false;
  }
  return sql.find("--") == std::string_view::npos && sql.find("/*") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rapport;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const Condition condition = parse_condition(input);
    const std::string canonical = to_json(condition);
    require(to_json(parse_condition(canonical)) == canonical);
    const auto compiled = compile_condition(WorkspaceId{1}, condition, Moment::as_of(Timestamp()));
    require(is_fixed_text(compiled.sql));
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kInvalidArgument && error.fields().size() == 1);
    require(error.fields().front().field.starts_with("condition"));
  }
  return 0;
}
