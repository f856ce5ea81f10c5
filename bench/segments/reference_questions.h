// The twelve reference conditions and, for each, the query one would write by hand.
//
// $1 is the workspace, $2 the moment in microseconds. The hand-written queries answer the same
// question: merged customers are one, a trait is the latest one, windows end at the moment.
#pragma once

#include <string>
#include <vector>

namespace rapport::bench {

struct ReferenceQuestion {
  std::string name;
  std::string condition;
  std::string by_hand;
};

std::vector<ReferenceQuestion> reference_questions();

}  // namespace rapport::bench
