// Any bytes as the body of a collect request, single and batch: no byte may crash the parser, and
// every item of an accepted batch becomes an event or a rejection.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "customers/collect_parser.h"
#include "runtime/random.h"

namespace {

using namespace rapport;

void parse(std::string_view body, std::optional<EventType> type) {
  static SeededRandom random(1);
  static CollectParser parser;
  static const KeyResolver resolve = [](std::string_view key) -> std::optional<WorkspaceId> {
    if (key == "wk") return WorkspaceId{1};
    return std::nullopt;
  };
  CollectSource source;
  source.type = type;
  source.received_at = from_micros(1'700'000'000'000'000);
  source.remote_ip = "203.0.113.7";
  source.header_key = "wk";
  try {
    const CollectResult result = parser.parse(body, source, resolve, random);
    ASSERT(result.known_key);
    ASSERT(result.good + result.rejections.size() == result.events.size());
    if (type) ASSERT(result.events.size() == 1);
  } catch (const Error& error) {
    ASSERT(error.code() == ErrorCode::kInvalidArgument);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  parse(body, std::nullopt);
  parse(body, EventType::kTrack);
  return 0;
}
