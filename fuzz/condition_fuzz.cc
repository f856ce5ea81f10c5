// Any bytes as a segment's condition: parsed or refused naming a field; what is accepted writes a
// canonical form that reads back to itself.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "segments/condition.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  std::string canonical;
  try {
    canonical = rapport::to_json(rapport::parse_condition(text));
  } catch (const rapport::Error& error) {
    ASSERT(error.code() == rapport::ErrorCode::kInvalidArgument);
    ASSERT(!error.fields().empty());
    return 0;
  }
  ASSERT(rapport::to_json(rapport::parse_condition(canonical)) == canonical);
  return 0;
}
