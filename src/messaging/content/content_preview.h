// Rendering a document for a look at it: as one customer, in one language, with what went wrong as
// a value; and the checks over all of its languages. Blocking; uses nothing but its arguments.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/workspace_service.h"
#include "customers/customer_reader.h"
#include "messaging/content/content_check.h"
#include "messaging/content/content_renderer.h"

namespace rapport {

struct PreviewRequest {
  WorkspaceId workspace;
  ContentDocument document;
  std::optional<CustomerId> customer;  // none: nobody, with no traits
  std::string language;
  std::vector<std::pair<std::string, std::string>> data;  // name, JSON: more variables
};

struct PreviewError {
  std::string message;
  std::string part;   // "template" when it cannot be told which
  std::string block;  // content block or layout it is in
  size_t line = 0;
  size_t column = 0;
};

struct PreviewResult {
  RenderedContent content;
  std::optional<PreviewError> error;
};

/// kNotFound when there is no such customer.
PreviewResult render_preview(const ContentService& content, ContentRenderer& renderer,
                             const CustomerReader& customers, const WorkspaceService& workspaces,
                             const PreviewRequest& request);
/// Of every variant; a variant that cannot be rendered is a finding.
std::vector<Finding> check_document(const ContentService& content, ContentRenderer& renderer,
                                    const CustomerReader& customers,
                                    const WorkspaceService& workspaces,
                                    const PreviewRequest& request);

}  // namespace rapport
