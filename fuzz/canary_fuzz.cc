// A fault planted behind a few comparisons: the fuzzing must find it, or it finds nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.size() >= 4 && text[0] == '{' && text[1] == '"' && text[2] == '%' && text[3] == '}') {
    std::abort();
  }
  return 0;
}
