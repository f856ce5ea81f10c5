// Text as one line, such as the subject of a mail, however its template is laid out. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// White space and control characters become one space between words, none at the ends.
std::string one_line(std::string_view text);

}  // namespace rapport
