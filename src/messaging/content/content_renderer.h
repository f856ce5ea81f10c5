// ContentRenderer: a document and a customer become subject, HTML and text.
//
// It chooses the variant by the customer's language, finds content blocks, layouts and the brand as
// they were at `as_of`, writes CSS rules into the elements they match (once, when a template is
// compiled), makes the text part from the HTML where there is none, and keeps compiled templates
// under the caller's key. Equal keys must mean equal documents and equal `as_of`. Throws
// liquid::TemplateError. Thread-safe; calls read the control store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "liquid/template.h"
#include "messaging/content/content.h"
#include "messaging/content/content_service.h"
#include "runtime/clock.h"

namespace rapport {

struct Customer;

struct RenderedContent {
  std::string language;  // of the variant; empty for the default one
  std::string subject;   // one line
  std::string html;
  std::string text;
};

class ContentRenderer {
 public:
  ContentRenderer(const ContentService& content, const Clock& clock)
      : content_(content), clock_(clock) {}

  Timestamp now() const { return clock_.now(); }
  /// "https://host", where recipients reach this program. Before the first rendering.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  struct Input {
    WorkspaceId workspace;
    const Customer& customer;
    std::string workspace_name;
    std::string workspace_zone = "UTC";
    Timestamp as_of;       // of blocks, layouts and brand
    std::string language;  // wins over the customer's when not empty
    std::string unsubscribe_url;
    std::vector<std::pair<std::string, liquid::Value>> more;  // message, campaign, data, event
  };
  /// `document` is asked when nothing is kept under `key`. An empty key: compiled for this once.
  RenderedContent render(const std::string& key, const std::function<ContentDocument()>& document,
                         const Input& input);
  /// A template by its id, as it was at `input.as_of`. kNotFound when there is none. `keep`: more
  /// messages of the same time follow.
  RenderedContent render_template(std::string_view template_id, const Input& input, bool keep);
  /// Plain text, such as a field of an invitation: no blocks, no brand, not kept.
  std::string render_text(std::string_view source, const Input& input) const;

 private:
  struct Compiled;
  class Blocks;
  std::shared_ptr<const Compiled> compiled(const std::string& key,
                                           const std::function<ContentDocument()>& document,
                                           const Input& input);

  const ContentService& content_;
  const Clock& clock_;
  std::string public_url_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Compiled>> kept_;
};

}  // namespace rapport
