#include "http/openapi.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "http/problem.h"

namespace rapport {
namespace {

namespace bj = boost::json;

bj::object schema_reference(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

bj::object json_content(std::string_view type, std::string_view schema) {
  return {{type, bj::object{{"schema", schema_reference(schema)}}}};
}

/// "/a/{b*}" as OpenAPI writes it, and its parameter names.
std::string document_path(std::string_view pattern, std::vector<std::string>* names) {
  std::string out;
  for (const std::string_view segment : split(pattern.substr(1), '/')) {
    out += '/';
    if (segment.starts_with('{')) {
      std::string_view name = segment.substr(1, segment.size() - 2);
      if (name.ends_with('*')) name.remove_suffix(1);
      names->emplace_back(name);
      out += fmt::format("{{{}}}", name);
    } else {
      out += segment;
    }
  }
  return out;
}

bj::array parameters(const Route& route, const std::vector<std::string>& path_names) {
  bj::array out;
  for (const std::string& name : path_names) {
    out.push_back({{"name", name},
                   {"in", "path"},
                   {"required", true},
                   {"schema", bj::object{{"type", "string"}}}});
  }
  for (const QueryParameter& query : route.query) {
    bj::object one{{"name", query.name}, {"in", "query"}, {"required", query.required}};
    if (!query.description.empty()) one["description"] = query.description;
    one["schema"] = bj::object{{"type", query.type}};
    out.push_back(std::move(one));
  }
  return out;
}

bj::object operation(const Route& route, const std::vector<std::string>& path_names) {
  bj::object out{{"operationId", route.operation_id}, {"summary", route.summary}};
  if (!route.tag.empty()) out["tags"] = bj::array{bj::string(route.tag)};
  out["x-permission"] = permission_name(route.permission);
  if (route.permission == Permission::kPublic || route.permission == Permission::kIngest) {
    out["security"] = bj::array{};
  }
  bj::array params = parameters(route, path_names);
  if (!params.empty()) out["parameters"] = std::move(params);
  if (!route.request_schema.empty()) {
    out["requestBody"] = bj::object{
        {"required", true}, {"content", json_content("application/json", route.request_schema)}};
  }
  bj::object success{{"description", route.success_status == 204 ? "Done" : "Success"}};
  if (!route.response_schema.empty()) {
    success["content"] = json_content("application/json", route.response_schema);
  }
  bj::object responses;
  responses[std::to_string(route.success_status)] = std::move(success);
  responses["default"] = bj::object{{"$ref", "#/components/responses/Problem"}};
  out["responses"] = std::move(responses);
  return out;
}

void print(std::string& out, const bj::value& value, const std::string& indent) {
  const std::string deeper = indent + "  ";
  if (const bj::object* object = value.if_object(); object && !object->empty()) {
    out += "{\n";
    for (auto it = object->begin(); it != object->end(); ++it) {
      if (it != object->begin()) out += ",\n";
      out += deeper + json_quote(it->key()) + ": ";
      print(out, it->value(), deeper);
    }
    out += "\n" + indent + "}";
  } else if (const bj::array* array = value.if_array(); array && !array->empty()) {
    out += "[\n";
    for (auto it = array->begin(); it != array->end(); ++it) {
      if (it != array->begin()) out += ",\n";
      out += deeper;
      print(out, *it, deeper);
    }
    out += "\n" + indent + "]";
  } else {
    out += bj::serialize(value);
  }
}

bj::object components(const Router& router) {
  std::map<std::string, bj::value> schemas;
  schemas["Problem"] = bj::parse(problem_schema());
  for (const NamedSchema& schema : router.schemas()) {
    const bj::value parsed = bj::parse(schema.json);
    const auto [at, added] = schemas.emplace(schema.name, parsed);
    // Two modules may describe the same thing, but not two things by one name.
    ASSERT(added || at->second == parsed);
  }
  bj::object schema_object;
  for (const auto& [name, value] : schemas) schema_object[name] = value;
  bj::object out;
  out["schemas"] = std::move(schema_object);
  out["responses"] = bj::object{
      {"Problem", bj::object{{"description", "What went wrong (RFC 9457)"},
                             {"content", json_content("application/problem+json", "Problem")}}}};
  out["securitySchemes"] = bj::object{
      {"bearerKey",
       bj::object{{"type", "http"}, {"scheme", "bearer"}, {"description", "An API key, rk_…"}}},
      {"sessionCookie", bj::object{{"type", "apiKey"},
                                   {"in", "cookie"},
                                   {"name", "__Host-rapport_session"},
                                   {"description",
                                    "A signed-in user; other methods than GET need X-CSRF-Token. "
                                    "Named rapport_session on plain HTTP."}}}};
  return out;
}

}  // namespace

std::string openapi_document(const Router& router, std::string_view version) {
  std::map<std::string, bj::object> paths;
  std::set<std::string> known;
  known.insert("Problem");
  for (const NamedSchema& schema : router.schemas()) known.insert(schema.name);
  for (const auto& route : router.routes()) {
    if (route->operation_id.empty()) continue;
    ASSERT(route->request_schema.empty() || known.contains(route->request_schema));
    ASSERT(route->response_schema.empty() || known.contains(route->response_schema));
    std::vector<std::string> names;
    const std::string path = document_path(route->pattern, &names);
    paths[path][to_lower_ascii(route->method)] = operation(*route, names);
  }
  bj::object path_object;
  for (const auto& [path, item] : paths) path_object[path] = item;
  bj::object document;
  document["openapi"] = "3.1.0";
  document["info"] = bj::object{{"title", "Rapport"}, {"version", version}};
  document["security"] =
      bj::array{bj::object{{"bearerKey", bj::array{}}}, bj::object{{"sessionCookie", bj::array{}}}};
  document["paths"] = std::move(path_object);
  document["components"] = components(router);
  std::string out;
  print(out, document, "");
  out += '\n';
  return out;
}

}  // namespace rapport
