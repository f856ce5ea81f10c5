#include "customers/import_routes.h"

#include <future>
#include <memory>

#include "base/error.h"
#include "base/limits/console.h"
#include "base/text.h"
#include "customers/import/import_report_body.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

constexpr std::string_view kPrefix = "imp_";

struct StatusWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(ImportStatus::kCancelled); ++i) {
      names.push_back(import_status_name(static_cast<ImportStatus>(i)));
    }
    return names;
  }
};

struct FormatWords {
  static std::vector<std::string_view> words() { return {"csv", "jsonl"}; }
};

struct NewImportBody {
  std::string file_name;
  int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(NewImportBody, (), (file_name, size))

struct ImportJobBody {
  std::string id;
  std::string file_name;
  OneOf<StatusWords> status;
  int64_t size = 0;
  int64_t received = 0;
  int64_t rows = 0;
  int64_t events_made = 0;
  int64_t events_sent = 0;
  int64_t bytes_read = 0;
  std::string error;
  bool has_refused = false;
  Nullable<ImportReportBody> report;
  std::string created_by;
  Timestamp created_at;
  Nullable<Timestamp> started_at;
  Nullable<Timestamp> finished_at;
};
BOOST_DESCRIBE_STRUCT(ImportJobBody, (),
                      (id, file_name, status, size, received, rows, events_made, events_sent,
                       bytes_read, error, has_refused, report, created_by, created_at, started_at,
                       finished_at))

struct SampleBody {
  OneOf<FormatWords> format;
  std::string delimiter;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};
BOOST_DESCRIBE_STRUCT(SampleBody, (), (format, delimiter, columns, rows))

struct MappingBody {
  RawJson mapping;
};
BOOST_DESCRIBE_STRUCT(MappingBody, (), (mapping))

struct RefusedBody {
  int64_t line = 0;
  std::string reason;
  std::vector<std::string> cells;
};
BOOST_DESCRIBE_STRUCT(RefusedBody, (), (line, reason, cells))

struct PreviewBody {
  std::vector<RawJson> events;
  std::vector<RefusedBody> refused;
  int64_t customers = 0;
};
BOOST_DESCRIBE_STRUCT(PreviewBody, (), (events, refused, customers))

ImportJobBody present(const ImportJob& job) {
  ImportJobBody body;
  body.id = format_public_id(kPrefix, job.id);
  body.file_name = job.file_name;
  body.status = import_status_name(job.status);
  body.size = job.size;
  body.received = job.received;
  body.rows = job.rows;
  body.events_made = job.events_made;
  body.events_sent = job.events_sent;
  body.bytes_read = job.bytes_read;
  body.error = job.error;
  body.has_refused = job.has_refused;
  if (!job.report.empty()) body.report.emplace(parse_json<ImportReportBody>(job.report));
  body.created_by = job.created_by;
  body.created_at = job.created_at;
  if (job.started_at) body.started_at = *job.started_at;
  if (job.finished_at) body.finished_at = *job.finished_at;
  return body;
}

Response answer(const ImportJob& job, int status = 200) {
  return Response::json(to_json(present(job)), status);
}

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

uint64_t import_id(const Request& request) {
  const auto id = parse_public_id(kPrefix, request.parameter("id"));
  if (!id) throw Error::not_found("Import");
  return *id;
}

using Context = ImportRoutesContext;

Response create_import(const Context& c, const Request& request) {
  const auto body = parse_json<NewImportBody>(request.body);
  return answer(c.jobs.create(workspace_of(request), body.file_name, body.size, c.actor(request)),
                201);
}

Response upload_import(const Context& c, const Request& request) {
  const ImportJob job = c.jobs.get(workspace_of(request), import_id(request));
  const auto offset = parse_int(request.query_value("offset").value_or(""));
  if (!offset || *offset < 0) throw Error::invalid("offset", "must be a whole number");
  return answer(c.jobs.upload(job.workspace, job.id, *offset, request.body));
}

Response list_imports(const Context& c, const Request& request) {
  const PageRequest page = parse_page(request);
  uint64_t before = 0;
  if (!page.cursor.empty()) {
    const auto id = parse_public_id(kPrefix, page.cursor);
    if (!id) throw Error::invalid("cursor", "is not a cursor of this list");
    before = *id;
  }
  auto jobs = c.jobs.list(workspace_of(request), before, page.limit + 1);
  Page<ImportJobBody> body;
  if (jobs.size() > page.limit) {
    jobs.resize(page.limit);
    body.next_cursor = format_public_id(kPrefix, jobs.back().id);
  }
  for (const ImportJob& job : jobs) body.items.push_back(present(job));
  return Response::json(to_json(body));
}

Response get_import(const Context& c, const Request& request) {
  return answer(c.jobs.get(workspace_of(request), import_id(request)));
}

Response sample_of(const Context& c, const Request& request) {
  const ImportSample sample = c.jobs.sample(workspace_of(request), import_id(request));
  return Response::json(to_json(SampleBody{OneOf<FormatWords>(sample.format), sample.delimiter,
                                           sample.columns, sample.rows}));
}

Response preview_of(const Context& c, const Request& request) {
  const ImportJob job = c.jobs.get(workspace_of(request), import_id(request));
  const auto body = parse_json<MappingBody>(request.body);
  const auto preview = c.jobs.preview(job.workspace, job.id, body.mapping.text);
  PreviewBody out;
  for (const std::string& event : preview.events) out.events.push_back({event});
  for (const RefusedRow& row : preview.refused) {
    out.refused.push_back({static_cast<int64_t>(row.line), row.reason, row.cells});
  }
  out.customers = static_cast<int64_t>(preview.customers);
  return Response::json(to_json(out));
}

Response start_import(const Context& c, const Request& request) {
  const ImportJob job = c.jobs.get(workspace_of(request), import_id(request));
  const auto body = parse_json<MappingBody>(request.body);
  return answer(c.jobs.begin(job.workspace, job.id, body.mapping.text, c.actor(request)), 202);
}

Response cancel_import(const Context& c, const Request& request) {
  return answer(c.jobs.cancel(workspace_of(request), import_id(request), c.actor(request)));
}

Response remove_import(const Context& c, const Request& request) {
  c.jobs.remove(workspace_of(request), import_id(request), c.actor(request));
  return Response::no_content();
}

Response refused_of(const Context& c, const Request& request) {
  Response response;
  response.next_piece = c.jobs.refused_csv(workspace_of(request), import_id(request));
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"refused.csv\"");
  return response;
}

struct Operation {
  std::string_view method;
  std::string_view path;  // after /api/v1/imports
  std::string_view id;
  std::string_view summary;
  std::string_view request;
  std::string_view response;
  int status;
  Response (*handle)(const Context&, const Request&);
};

constexpr Operation kOperations[] = {
    {"GET", "", "listImports", "Imports, newest first", "", "ImportJobPage", 200, list_imports},
    {"POST", "", "createImport", "Announce a file that will be uploaded", "NewImport", "ImportJob",
     201, create_import},
    {"GET", "/{id}", "getImport", "One import, its progress and its report", "", "ImportJob", 200,
     get_import},
    {"DELETE", "/{id}", "removeImport", "Forget an import and what is kept of it", "", "", 204,
     remove_import},
    {"PUT", "/{id}/content", "uploadImport",
     "Upload the next part of the file, as it is, at most 8 MiB", "", "ImportJob", 200,
     upload_import},
    {"GET", "/{id}/sample", "sampleImport", "Columns and first rows of the file", "",
     "ImportSample", 200, sample_of},
    {"POST", "/{id}/preview", "previewImport", "What the first rows become under a mapping",
     "ImportMapping", "ImportPreview", 200, preview_of},
    {"POST", "/{id}/start", "startImport", "Run the import", "ImportMapping", "ImportJob", 202,
     start_import},
    {"POST", "/{id}/cancel", "cancelImport", "End an import that has not ended", "", "ImportJob",
     200, cancel_import},
    {"GET", "/{id}/refused", "listImportRefusals", "CSV of refused rows", "", "", 200, refused_of},
};

/// Hands requests of the importer to collect, as if they had come over HTTP.
class DirectTransport final : public ImportTransport {
 public:
  DirectTransport(CollectService& collect, WorkspaceId workspace)
      : collect_(collect), workspace_(workspace) {}

  ImportReply post(const std::string& path, std::string_view body) override {
    auto request = std::make_shared<Request>();
    request->method = "POST";
    request->path = path.substr(0, path.find('?'));
    if (path.find("wait=true") != std::string::npos) request->query.emplace_back("wait", "true");
    request->body = std::string(body);
    request->caller.workspace = workspace_.value;
    const auto promise = std::make_shared<std::promise<Response>>();
    auto reply = promise->get_future();
    try {
      collect_.import(request,
                      [promise](Response response) { promise->set_value(std::move(response)); });
    } catch (const Error& error) {
      return {http_status(error.code()), json_quote(error.public_detail()), error.retry_after()};
    }
    if (reply.wait_for(limits::kHandlerDeadline) != std::future_status::ready) {
      throw Error(ErrorCode::kDeadlineExceeded, "The events were not stored in time.");
    }
    const Response response = reply.get();
    ImportReply out{response.status, response.body, std::nullopt};
    for (const auto& [name, value] : response.headers) {
      if (!equals_ignore_case(name, "retry-after")) continue;
      if (const auto seconds = parse_int(value)) out.retry_after = std::chrono::seconds(*seconds);
    }
    return out;
  }

 private:
  CollectService& collect_;
  const WorkspaceId workspace_;
};

}  // namespace

ImportJobs::Transports direct_transports(CollectService& collect) {
  return [&collect](WorkspaceId workspace) -> TransportFactory {
    return [&collect, workspace]() -> std::unique_ptr<ImportTransport> {
      return std::make_unique<DirectTransport>(collect, workspace);
    };
  };
}

std::string imports_json(const ImportJobs& jobs, WorkspaceId workspace, size_t limit) {
  std::vector<ImportJobBody> told;
  for (const ImportJob& job : jobs.list(workspace, 0, limit)) told.push_back(present(job));
  return to_json(told);
}

RouteGroup make_import_routes(ImportRoutesContext given) {
  const auto context = std::make_shared<const Context>(std::move(given));
  RouteGroup group;
  for (const Operation& operation : kOperations) {
    Route route;
    route.method = operation.method;
    route.pattern = "/api/v1/imports" + std::string(operation.path);
    route.permission = Permission::kEventsImport;
    route.operation_id = operation.id;
    route.summary = operation.summary;
    route.tag = "import";
    route.request_schema = operation.request;
    route.response_schema = operation.response;
    route.success_status = operation.status;
    if (operation.handle == list_imports) route.query = page_parameters();
    if (operation.handle == upload_import) {
      route.query = {{"offset", "Bytes uploaded before; the next must follow", "integer"}};
      route.max_body_bytes = limits::kMaxImportPartBytes;
    }
    route.handler = [context, handle = operation.handle](const Request& request) {
      return handle(*context, request);
    };
    group.routes.push_back(std::move(route));
  }
  group.schemas = {named_schema<NewImportBody>("NewImport"),
                   named_schema<ImportJobBody>("ImportJob"),
                   named_schema<Page<ImportJobBody>>("ImportJobPage"),
                   named_schema<SampleBody>("ImportSample"),
                   named_schema<MappingBody>("ImportMapping"),
                   named_schema<PreviewBody>("ImportPreview")};
  return group;
}

}  // namespace rapport
