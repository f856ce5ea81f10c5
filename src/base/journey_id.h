// Ids of journeys and of customers' walks through them; apart from base/ids.h, as few need them.
#pragma once

#include "base/ids.h"

namespace rapport {

struct JourneyTag {
  static constexpr std::string_view kPrefix = "jrn_";
};
struct EnrolmentTag {
  static constexpr std::string_view kPrefix = "enr_";
};

using JourneyId = Id<JourneyTag>;
using EnrolmentId = Id<EnrolmentTag>;

}  // namespace rapport
