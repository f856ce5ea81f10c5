#include "http/problem.h"

#include <boost/describe.hpp>
#include <optional>
#include <vector>

#include "http/json_schema.h"

namespace rapport {
namespace {

struct ProblemField {
  std::string field;
  std::string pointer;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ProblemField, (), (field, pointer, message))

struct Problem {
  std::string type;
  std::string title;
  int status = 0;
  std::string detail;
  std::string code;
  std::optional<std::string> request_id;
  std::optional<std::vector<ProblemField>> errors;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (type, title, status, detail, code, request_id, errors))

}  // namespace

Response problem_response(const Error& error, std::string_view request_id, int status) {
  Problem problem;
  problem.code = code_name(error.code());
  problem.type = "/problems/" + problem.code;
  problem.title = code_title(error.code());
  problem.status = status != 0 ? status : http_status(error.code());
  problem.detail = error.public_detail();
  if (!request_id.empty()) problem.request_id = request_id;
  if (!error.fields().empty()) {
    auto& errors = problem.errors.emplace();
    for (const FieldError& field : error.fields())
      errors.push_back({field.field, to_pointer(field.field), field.message});
  }
  Response response = Response::json(to_json(problem), problem.status);
  response.content_type = "application/problem+json";
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (const auto wait = error.retry_after()) {
    response.headers.emplace_back("Retry-After", std::to_string(wait->count()));
  } else if (problem.status == 429 || problem.status == 503) {
    response.headers.emplace_back("Retry-After", "1");
  }
  return response;
}

std::string to_pointer(std::string_view field) {
  std::string out = "/";
  for (const char c : field) {
    if (c == '.' || c == '[') {
      out += '/';
    } else if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else if (c != ']') {
      out += c;
    }
  }
  return out;
}

std::string problem_schema() {
  return named_schema<Problem>("Problem").json;
}

}  // namespace rapport
