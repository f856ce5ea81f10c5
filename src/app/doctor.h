// The doctor: what is wrong with an installation, and what to do about it, in words.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "app/config.h"

namespace rapport {

struct Finding {
  enum class Grade { kGood, kWarning, kBad };
  Grade grade = Grade::kGood;
  std::string subject;
  std::string advice;
};

/// Looks at the data folder, its files and the configuration; changes nothing. A program may be
/// serving meanwhile.
std::vector<Finding> diagnose(const Config& config);

/// One line a finding. Returns the exit code: 1 when something is bad.
int print_diagnosis(std::FILE* out, const std::vector<Finding>& findings);

}  // namespace rapport
