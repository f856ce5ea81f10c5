// An Error as the answer a client gets: RFC 9457 problem+json.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace rapport {

/// `{"type","title","status","detail","code","request_id","errors":[…]}` and Retry-After when the
/// error carries one. Only `public_detail` leaves; `status` replaces that of the code when not 0.
Response problem_response(const Error& error, std::string_view request_id, int status = 0);

/// RFC 6901 pointer of a field: "condition.all[1].op" is "/condition/all/1/op".
std::string to_pointer(std::string_view field);

/// JSON Schema of that document.
std::string problem_schema();

}  // namespace rapport
