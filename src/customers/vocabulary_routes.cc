#include "customers/vocabulary_routes.h"

#include "base/error.h"
#include "base/limits/segments.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

struct NameBody {
  std::string name;
  std::string type;
  int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(NameBody, (), (name, type, count))

struct NamesBody {
  std::vector<NameBody> items;
};
BOOST_DESCRIBE_STRUCT(NamesBody, (), (items))

struct ValueBody {
  RawJson value;
  int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(ValueBody, (), (value, count))

struct ValuesBody {
  std::vector<ValueBody> items;
};
BOOST_DESCRIBE_STRUCT(ValuesBody, (), (items))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

std::string_view value_of(const Request& request, std::string_view name) {
  const auto value = request.query_value(name).value_or("");
  if (value.size() > limits::kMaxConditionTextBytes) {
    throw Error::invalid(std::string(name), "is too long");
  }
  return value;
}

std::string_view required_value(const Request& request, std::string_view name) {
  const auto value = value_of(request, name);
  if (value.empty()) throw Error::invalid(std::string(name), "is required");
  return value;
}

Response names(const std::vector<VocabularyName>& found) {
  NamesBody body;
  for (const VocabularyName& name : found) {
    body.items.push_back({name.name, name.type, name.count});
  }
  return Response::json(to_json(body));
}

Response list_traits(const Vocabulary& vocabulary, const Request& request) {
  return names(vocabulary.traits(workspace_of(request), value_of(request, "prefix"),
                                 parse_page(request).limit));
}

Response list_events(const Vocabulary& vocabulary, const Request& request) {
  return names(vocabulary.events(workspace_of(request), value_of(request, "prefix"),
                                 parse_page(request).limit));
}

Response list_properties(const Vocabulary& vocabulary, const Request& request) {
  return names(vocabulary.properties(workspace_of(request), required_value(request, "event"),
                                     value_of(request, "prefix"), parse_page(request).limit));
}

Response list_values(const Vocabulary& vocabulary, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  const std::string_view prefix = value_of(request, "prefix");
  const size_t limit = parse_page(request).limit;
  const std::string_view trait = value_of(request, "trait");
  const auto found =
      trait.empty() ? vocabulary.property_values(workspace, required_value(request, "event"),
                                                 required_value(request, "property"), prefix, limit)
                    : vocabulary.trait_values(workspace, trait, prefix, limit);
  ValuesBody body;
  for (const VocabularyValue& value : found) {
    body.items.push_back({RawJson{value.json}, value.count});
  }
  return Response::json(to_json(body));
}

}  // namespace

RouteGroup make_vocabulary_routes(const Vocabulary& vocabulary) {
  const auto route = [&](std::string path, std::string operation, std::string summary,
                         std::string schema, std::vector<QueryParameter> query,
                         Response (*handler)(const Vocabulary&, const Request&)) {
    Route r;
    r.method = "GET";
    r.pattern = "/api/v1/vocabulary/" + path;
    r.permission = Permission::kCustomersRead;
    r.operation_id = std::move(operation);
    r.summary = std::move(summary);
    r.tag = "vocabulary";
    r.query = std::move(query);
    r.query.push_back({"prefix", "what was typed; any case and accents"});
    r.query.push_back({"limit", "at most so many", "integer"});
    r.response_schema = std::move(schema);
    r.handler = [&vocabulary, handler](const Request& request) {
      return handler(vocabulary, request);
    };
    return r;
  };
  const QueryParameter event{"event", "name of the event"};
  return {
      {route("traits", "listVocabularyTraits", "Traits that occur, as paths, with their type",
             "VocabularyNames", {}, list_traits),
       route("events", "listVocabularyEvents", "Names of events that occur", "VocabularyNames", {},
             list_events),
       route("properties", "listVocabularyProperties",
             "Properties of an event that occur, as paths, with their type", "VocabularyNames",
             {event}, list_properties),
       route("values", "listVocabularyValues",
             "Values that occur of a trait, or of a property of an event", "VocabularyValues",
             {{"trait", "path of a trait"}, event, {"property", "path of a property of the event"}},
             list_values)},
      {named_schema<NamesBody>("VocabularyNames"), named_schema<ValuesBody>("VocabularyValues")}};
}

}  // namespace rapport
