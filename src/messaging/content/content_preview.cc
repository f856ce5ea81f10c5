#include "messaging/content/content_preview.h"

#include "base/error.h"
#include "base/limits/content.h"

namespace rapport {
namespace {

constexpr const char* kUnsubscribe = "https://mail.example/unsubscribe";

Customer customer_of(const CustomerReader& customers, const PreviewRequest& request) {
  if (!request.customer) return {};
  auto customer = customers.find(request.workspace, *request.customer);
  if (!customer) throw Error::not_found("Customer");
  return std::move(*customer);
}

std::vector<std::pair<std::string, liquid::Value>> variables(const PreviewRequest& request) {
  std::vector<std::pair<std::string, liquid::Value>> all;
  all.emplace_back("message", liquid::Object{{"id", "msg_0000000000000"}, {"channel", "email"}});
  for (const auto& [name, json] : request.data) {
    all.emplace_back(name, liquid::parse_json_value(json));
  }
  return all;
}

}  // namespace

PreviewResult render_preview(const ContentService&, ContentRenderer& renderer,
                             const CustomerReader& customers, const WorkspaceService& workspaces,
                             const PreviewRequest& request) {
  const Customer customer = customer_of(customers, request);
  const Workspace workspace = workspaces.get(request.workspace);
  const ContentRenderer::Input input{request.workspace,   customer,          workspace.name,
                                     workspace.time_zone, renderer.now(),    request.language,
                                     kUnsubscribe,        variables(request)};
  PreviewResult result;
  try {
    result.content = renderer.render(
        "", [&] { return request.document; }, input);
  } catch (const liquid::TemplateError& error) {
    result.error =
        PreviewError{error.message(), "template", error.partial(), error.line(), error.column()};
  }
  return result;
}

std::vector<Finding> check_document(const ContentService& content, ContentRenderer& renderer,
                                    const CustomerReader& customers,
                                    const WorkspaceService& workspaces,
                                    const PreviewRequest& request) {
  std::vector<Finding> all;
  for (const ContentVariant& variant : request.document.variants) {
    PreviewRequest one = request;
    one.document.variants = {variant};
    one.document.variants[0].language.clear();
    if (!variant.language.empty()) one.language = variant.language;
    const PreviewResult result = render_preview(content, renderer, customers, workspaces, one);
    std::vector<Finding> found;
    if (result.error) {
      const PreviewError& e = *result.error;
      found.push_back({"error", "cannot_render", variant.language, e.part, e.line,
                       e.block.empty() ? e.message : e.block + ": " + e.message});
    } else {
      found = check_message({variant, result.content.subject, result.content.html,
                             result.content.text, kUnsubscribe});
    }
    all.insert(all.end(), found.begin(), found.end());
  }
  if (all.size() > limits::kMaxFindings) all.resize(limits::kMaxFindings);
  return all;
}

}  // namespace rapport
