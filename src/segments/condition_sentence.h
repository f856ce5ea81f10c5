// A condition as one line a person reads, in each language of the console.
//
// “country” is “VN” and did “Order Completed” at least 3 times in the last 90 days. What a person
// wrote stands in quotation marks and is never changed. Pure, thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "segments/condition.h"

namespace rapport {

enum class SentenceLanguage : uint8_t {
  kEnglish,
  kSimplifiedChinese,
  kTraditionalChinese,
  kVietnamese
};

/// From `?language=` when it is given, else an Accept-Language header; English when neither names
/// one of the four.
SentenceLanguage choose_language(std::string_view asked, std::string_view accept_language);

/// A segment's name; its id stands where the look-up has none.
using SegmentName = std::function<std::string(SegmentId)>;

std::string sentence_of(const Condition& condition, SentenceLanguage language,
                        const SegmentName& name = {});

}  // namespace rapport
