// The id of a subscription topic ("top_…"); see topic.h. No I/O.
#pragma once

#include "base/ids.h"

namespace rapport {

struct TopicTag {
  static constexpr std::string_view kPrefix = "top_";
};
using TopicId = Id<TopicTag>;

}  // namespace rapport
