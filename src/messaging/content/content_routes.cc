#include "messaging/content/content_routes.h"

#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "messaging/content/content_check.h"
#include "messaging/content/content_preview.h"

namespace rapport {
namespace {

struct VariantInput {
  std::string language;
  std::optional<std::string> subject;
  std::optional<std::string> html;
  std::optional<std::string> text;
  std::optional<std::string> source;
};
BOOST_DESCRIBE_STRUCT(VariantInput, (), (language, subject, html, text, source))

struct ContentInput {
  std::string name;
  std::optional<std::string> channel;
  std::optional<std::string> editor;
  std::optional<std::string> layout;
  std::vector<VariantInput> variants;
  std::optional<std::string> comment;
  std::optional<int64_t> version;
};
BOOST_DESCRIBE_STRUCT(ContentInput, (), (name, channel, editor, layout, variants, comment, version))

struct VersionBody {
  int64_t version = 0;
  std::string author;
  std::string comment;
  Timestamp saved_at;
};
BOOST_DESCRIBE_STRUCT(VersionBody, (), (version, author, comment, saved_at))

struct VariantBody {
  std::string language;
  std::string subject;
  std::string html;
  std::string text;
  std::string source;
};
BOOST_DESCRIBE_STRUCT(VariantBody, (), (language, subject, html, text, source))

struct ContentBody {
  std::string id;
  std::string name;
  std::string channel;
  std::string editor;
  std::string layout;
  std::vector<VariantBody> variants;
  int64_t version = 0;
  std::string author;
  std::string comment;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(ContentBody, (),
                      (id, name, channel, editor, layout, variants, version, author, comment,
                       created_at, updated_at))

struct DifferenceBody {
  std::string language;
  std::string part;
  std::string diff;
};
BOOST_DESCRIBE_STRUCT(DifferenceBody, (), (language, part, diff))

struct ComparisonBody {
  int64_t from = 0;
  int64_t to = 0;
  std::vector<DifferenceBody> differences;
};
BOOST_DESCRIBE_STRUCT(ComparisonBody, (), (from, to, differences))

struct UseBody {
  std::string kind;
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(UseBody, (), (kind, id, name))

struct UsesBody {
  std::vector<UseBody> items;
};
BOOST_DESCRIBE_STRUCT(UsesBody, (), (items))

struct PreviewInput {
  std::optional<std::string> template_id;
  std::optional<ContentInput> template_;
  std::optional<std::string> customer_id;
  std::optional<std::string> language;
  std::optional<std::map<std::string, RawJson>> data;
};
BOOST_DESCRIBE_STRUCT(PreviewInput, (), (template_id, template_, customer_id, language, data))

struct PlaceBody {
  std::string message;
  std::string part;
  std::string block;
  int64_t line = 0;
  int64_t column = 0;
};
BOOST_DESCRIBE_STRUCT(PlaceBody, (), (message, part, block, line, column))

struct PreviewBody {
  std::string language;
  std::string subject;
  std::string html;
  std::string text;
  Nullable<PlaceBody> error;
};
BOOST_DESCRIBE_STRUCT(PreviewBody, (), (language, subject, html, text, error))

struct FindingBody {
  std::string severity;
  std::string code;
  std::string language;
  std::string part;
  int64_t line = 0;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(FindingBody, (), (severity, code, language, part, line, detail))

struct CheckBody {
  std::vector<FindingBody> findings;
};
BOOST_DESCRIBE_STRUCT(CheckBody, (), (findings))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

ContentId id_of(ContentKind kind, const Request& request) {
  const auto id = parse_content_id(kind, request.parameter("id"));
  if (!id) throw Error::not_found(content_kind_name(kind));
  return *id;
}

uint32_t version_number(std::string_view text, const std::string& field) {
  const auto number = parse_int(text);
  if (!number || *number < 1 || *number > INT32_MAX) {
    throw Error::invalid(field, "is not a version's number");
  }
  return static_cast<uint32_t>(*number);
}

uint32_t version_of(const Request& request) {
  return version_number(request.parameter("version"), "version");
}

ContentService::Save save_from(ContentInput input) {
  ContentService::Save save;
  save.name = std::move(input.name);
  save.comment = input.comment.value_or("");
  if (save.comment.size() > limits::kMaxCommentBytes) {
    throw Error::invalid("comment",
                         "is longer than " + std::to_string(limits::kMaxCommentBytes) + " bytes");
  }
  if (input.version) {
    save.expected_version = version_number(std::to_string(*input.version), "version");
  }
  save.document.channel = input.channel.value_or("email");
  save.document.editor = input.editor.value_or("html");
  save.document.layout = input.layout.value_or("");
  for (VariantInput& v : input.variants) {
    save.document.variants.push_back({std::move(v.language), v.subject.value_or(""),
                                      v.html.value_or(""), v.text.value_or(""),
                                      v.source.value_or("")});
  }
  return save;
}

VersionBody present(const ContentVersion& v) {
  return {v.number, v.author, v.comment, v.saved_at};
}

ContentBody present(const ContentItem& item) {
  ContentBody body;
  body.id = to_public(item.kind, item.id);
  body.name = item.name;
  body.channel = item.document.channel;
  body.editor = item.document.editor;
  body.layout = item.document.layout;
  for (const ContentVariant& v : item.document.variants) {
    body.variants.push_back({v.language, v.subject, v.html, v.text, v.source});
  }
  body.version = item.version.number;
  body.author = item.version.author;
  body.comment = item.version.comment;
  body.created_at = item.created_at;
  body.updated_at = item.version.saved_at;
  return body;
}

Response create_content(ContentKind kind, const ContentServices& s, const Request& request) {
  const ContentItem item =
      s.content.create(workspace_of(request), kind,
                       save_from(parse_json<ContentInput>(request.body)), s.actor(request));
  return Response::json(to_json(present(item)), 201);
}

Response list_content(ContentKind kind, const ContentServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  ContentId before{INT64_MAX};
  if (!page.cursor.empty()) {
    const auto id = parse_content_id(kind, page.cursor);
    if (!id) throw Error::invalid("cursor", "is not one this list gave");
    before = *id;
  }
  const auto items = s.content.list(workspace_of(request), kind, before, page.limit + 1);
  Page<ContentBody> body;
  for (const ContentItem& item : items) {
    if (body.items.size() == page.limit) {
      body.next_cursor.emplace(body.items.back().id);
      break;
    }
    body.items.push_back(present(item));
  }
  return Response::json(to_json(body));
}

Response get_content(ContentKind kind, const ContentServices& s, const Request& request) {
  return Response::json(
      to_json(present(s.content.get(workspace_of(request), kind, id_of(kind, request)))));
}

Response update_content(ContentKind kind, const ContentServices& s, const Request& request) {
  const ContentId id = id_of(kind, request);
  const ContentItem item =
      s.content.update(workspace_of(request), kind, id,
                       save_from(parse_json<ContentInput>(request.body)), s.actor(request));
  return Response::json(to_json(present(item)));
}

Response remove_content(ContentKind kind, const ContentServices& s, const Request& request) {
  s.content.remove(workspace_of(request), kind, id_of(kind, request), s.actor(request));
  return Response::no_content();
}

Response list_versions(ContentKind kind, const ContentServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const uint32_t before = page.cursor.empty() ? UINT32_MAX : version_number(page.cursor, "cursor");
  const auto versions =
      s.content.versions(workspace_of(request), kind, id_of(kind, request), before, page.limit + 1);
  Page<VersionBody> body;
  for (const ContentVersion& version : versions) {
    if (body.items.size() == page.limit) {
      body.next_cursor.emplace(std::to_string(body.items.back().version));
      break;
    }
    body.items.push_back(present(version));
  }
  return Response::json(to_json(body));
}

Response get_version(ContentKind kind, const ContentServices& s, const Request& request) {
  const ContentId id = id_of(kind, request);
  return Response::json(
      to_json(present(s.content.version(workspace_of(request), kind, id, version_of(request)))));
}

Response restore_version(ContentKind kind, const ContentServices& s, const Request& request) {
  const ContentId id = id_of(kind, request);
  return Response::json(to_json(present(
      s.content.restore(workspace_of(request), kind, id, version_of(request), s.actor(request)))));
}

Response compare_versions(ContentKind kind, const ContentServices& s, const Request& request) {
  const ContentId id = id_of(kind, request);
  const uint32_t from = version_number(request.query_value("from").value_or(""), "from");
  const uint32_t to = version_number(request.query_value("to").value_or(""), "to");
  ComparisonBody body{from, to, {}};
  for (auto& d : s.content.compare(workspace_of(request), kind, id, from, to)) {
    body.differences.push_back({std::move(d.language), std::move(d.part), std::move(d.diff)});
  }
  return Response::json(to_json(body));
}

Response list_uses(ContentKind kind, const ContentServices& s, const Request& request) {
  UsesBody body;
  for (auto& use : s.content.uses(workspace_of(request), kind, id_of(kind, request))) {
    body.items.push_back({std::move(use.kind), std::move(use.id), std::move(use.name)});
  }
  return Response::json(to_json(body));
}

/// The document a preview or check is about: one sent along, else a stored template.
PreviewRequest preview_from(const ContentServices& s, const Request& request) {
  auto input = parse_json<PreviewInput>(request.body);
  PreviewRequest preview;
  preview.workspace = workspace_of(request);
  if (input.template_) {
    auto save = save_from(std::move(*input.template_));
    // A draft without a subject can be looked at; the checks tell that it is missing.
    for (ContentVariant& variant : save.document.variants) {
      if (trim(variant.subject).empty()) variant.subject = "{{ '' }}";
    }
    check_content(ContentKind::kTemplate, save.name, save.document);
    preview.document = std::move(save.document);
  } else if (input.template_id) {
    const auto id = parse_content_id(ContentKind::kTemplate, *input.template_id);
    if (!id) throw Error::invalid("template_id", "is not a template's id");
    preview.document = s.content.get(preview.workspace, ContentKind::kTemplate, *id).document;
  } else {
    throw Error::invalid("template", "template or template_id is required");
  }
  if (input.customer_id && !input.customer_id->empty()) {
    preview.customer = parse_id<CustomerTag>(*input.customer_id);
    if (!preview.customer) throw Error::invalid("customer_id", "is not a customer's id");
  }
  preview.language = input.language.value_or("");
  if (input.data) {
    for (auto& [name, json] : *input.data) preview.data.emplace_back(name, json.text);
  }
  return preview;
}

Response preview_content(const ContentServices& s, const Request& request) {
  const PreviewResult result =
      render_preview(s.content, s.renderer, s.customers, s.workspaces, preview_from(s, request));
  PreviewBody body{result.content.language,
                   result.content.subject,
                   result.content.html,
                   result.content.text,
                   {}};
  if (result.error) {
    const PreviewError& e = *result.error;
    body.error.emplace(PlaceBody{e.message, e.part, e.block, static_cast<int64_t>(e.line),
                                 static_cast<int64_t>(e.column)});
  }
  return Response::json(to_json(body));
}

Response check_content_route(const ContentServices& s, const Request& request) {
  CheckBody body;
  for (Finding& f :
       check_document(s.content, s.renderer, s.customers, s.workspaces, preview_from(s, request))) {
    body.findings.push_back({std::move(f.severity), std::move(f.code), std::move(f.language),
                             std::move(f.part), static_cast<int64_t>(f.line), std::move(f.detail)});
  }
  return Response::json(to_json(body));
}

struct KindNames {
  ContentKind kind;
  std::string_view path;
  std::string_view one;   // "ContentBlock"
  std::string_view many;  // "ContentBlocks"
  std::string_view words;
};
constexpr std::array kKinds{
    KindNames{ContentKind::kTemplate, "/api/v1/templates", "Template", "Templates", "template"},
    KindNames{ContentKind::kBlock, "/api/v1/content-blocks", "ContentBlock", "ContentBlocks",
              "content block"},
    KindNames{ContentKind::kLayout, "/api/v1/layouts", "Layout", "Layouts", "layout"}};

using ServicesPtr = std::shared_ptr<const ContentServices>;
using KindHandler = Response (*)(ContentKind, const ContentServices&, const Request&);
using PlainHandler = Response (*)(const ContentServices&, const Request&);

Route base_route(std::string method, std::string pattern, Permission permission,
                 std::string operation, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.permission = permission;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "content";
  route.max_body_bytes = limits::kMaxContentBytes + limits::kMaxApiBodyBytes;
  return route;
}

void add_kind_routes(const ServicesPtr& services, const KindNames& names,
                     std::vector<Route>& routes) {
  const auto add = [&](const char* method, std::string_view path, Permission permission,
                       std::string operation, std::string summary, KindHandler handler) -> Route& {
    Route route = base_route(method, std::string(names.path) + std::string(path), permission,
                             std::move(operation), std::move(summary));
    route.handler = [services, handler, kind = names.kind](const Request& request) {
      return handler(kind, *services, request);
    };
    routes.push_back(std::move(route));
    return routes.back();
  };
  constexpr auto kRead = Permission::kCampaignsRead;
  constexpr auto kWrite = Permission::kCampaignsWrite;
  const std::string one(names.one);
  const std::string words(names.words);
  Route* route = &add("POST", "", kWrite, "create" + one, "Create a " + words, create_content);
  route->request_schema = "ContentInput";
  route->response_schema = "Content";
  route->success_status = 201;
  route = &add("GET", "", kRead, "list" + std::string(names.many),
               "Newest first, without their texts", list_content);
  route->response_schema = "ContentPage";
  route->query = page_parameters();
  route = &add("GET", "/{id}", kRead, "get" + one, "One " + words, get_content);
  route->response_schema = "Content";
  route = &add("PUT", "/{id}", kWrite, "update" + one, "Save a new version", update_content);
  route->request_schema = "ContentInput";
  route->response_schema = "Content";
  route =
      &add("DELETE", "/{id}", kWrite, "remove" + one, "Remove what nothing uses", remove_content);
  route->success_status = 204;
  route = &add("GET", "/{id}/versions", kRead, "list" + one + "Versions", "Versions, newest first",
               list_versions);
  route->response_schema = "ContentVersionPage";
  route->query = page_parameters();
  route = &add("GET", "/{id}/versions/{version}", kRead, "get" + one + "Version",
               "The " + words + " as it was", get_version);
  route->response_schema = "Content";
  route = &add("POST", "/{id}/versions/{version}/restore", kWrite, "restore" + one + "Version",
               "Save an older version anew", restore_version);
  route->response_schema = "Content";
  route = &add("GET", "/{id}/diff", kRead, "compare" + one + "Versions",
               "Unified differences of two versions", compare_versions);
  route->response_schema = "ContentComparison";
  route->query = {{"from", "version number", "integer", true},
                  {"to", "version number", "integer", true}};
  route = &add("GET", "/{id}/uses", kRead, "list" + one + "Uses", "Where it is used", list_uses);
  route->response_schema = "ContentUses";
}

Route plain_route(const ServicesPtr& services, Route route, PlainHandler handler) {
  route.handler = [services, handler](const Request& request) {
    return handler(*services, request);
  };
  return route;
}

}  // namespace

void add_asset_routes(const ServicesPtr& services, RouteGroup& group);
/// Of file_routes.cc.
void add_file_routes(const ServicesPtr& services, RouteGroup& group);

RouteGroup make_content_routes(ContentServices given) {
  const auto services = std::make_shared<const ContentServices>(std::move(given));
  RouteGroup group;
  for (const KindNames& names : kKinds) add_kind_routes(services, names, group.routes);
  Route preview = base_route("POST", "/api/v1/templates/preview", Permission::kCampaignsRead,
                             "previewTemplate", "A template as one customer would read it");
  preview.request_schema = "ContentPreviewInput";
  preview.response_schema = "ContentPreview";
  group.routes.push_back(plain_route(services, std::move(preview), preview_content));
  Route check = base_route("POST", "/api/v1/templates/check", Permission::kCampaignsRead,
                           "checkTemplate", "What is wrong with a template before it is sent");
  check.request_schema = "ContentPreviewInput";
  check.response_schema = "ContentCheck";
  group.routes.push_back(plain_route(services, std::move(check), check_content_route));
  group.schemas = {named_schema<ContentInput>("ContentInput"),
                   named_schema<ContentBody>("Content"),
                   named_schema<Page<ContentBody>>("ContentPage"),
                   named_schema<Page<VersionBody>>("ContentVersionPage"),
                   named_schema<ComparisonBody>("ContentComparison"),
                   named_schema<UsesBody>("ContentUses"),
                   named_schema<PreviewInput>("ContentPreviewInput"),
                   named_schema<PreviewBody>("ContentPreview"),
                   named_schema<CheckBody>("ContentCheck")};
  add_asset_routes(services, group);
  add_file_routes(services, group);
  return group;
}

}  // namespace rapport
