#include "messaging/content/content_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "liquid/template.h"
#include "mail/html_document.h"
#include "messaging/content/css_color.h"

namespace rapport {
namespace {

constexpr size_t kClippedBytes = 102 * 1024;  // Gmail cuts what is longer
constexpr size_t kLongSubject = 70;           // characters; phones show half of it
constexpr double kLeastContrast = 4.5;        // WCAG 2.2, 1.4.3
constexpr double kLeastContrastLarge = 3.0;
constexpr double kLargeText = 24;  // px; 18.66 when bold
constexpr double kLargeBold = 18.66;
constexpr size_t kManyCapitals = 12;

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

class Checker {
 public:
  explicit Checker(const CheckedMessage& message) : message_(message) {}

  std::vector<Finding> run() {
    check_fallbacks("subject", message_.source.subject);
    check_fallbacks("html", message_.source.html);
    check_fallbacks("text", message_.source.text);
    check_subject();
    check_parts();
    if (!message_.html.empty()) check_html();
    check_words();
    return std::move(findings_);
  }

 private:
  void add(std::string severity, std::string code, std::string part, std::string detail = {},
           size_t line = 0) {
    if (findings_.size() >= limits::kMaxFindings) return;
    findings_.push_back({std::move(severity), std::move(code), message_.source.language,
                         std::move(part), line, std::move(detail)});
  }

  /// A trait that a customer may lack leaves a hole: "Hello ,".
  void check_fallbacks(const std::string& part, const std::string& source) {
    std::set<std::string> told;
    const liquid::Template parsed = liquid::Template::parse(source);
    for (const auto& output : parsed.uses().outputs) {
      const bool may_lack = output.path.starts_with("customer.") && output.path != "customer.id" &&
                            output.path != "customer.email";
      if (output.has_default || !(may_lack || output.path.starts_with("account.")) ||
          !told.insert(output.path).second) {
        continue;
      }
      add("warning", "missing_fallback", part, output.path, output.line);
    }
  }

  void check_subject() {
    const size_t length = characters(message_.subject);
    if (length == 0) add("error", "empty_subject", "subject");
    if (length > kLongSubject) add("warning", "long_subject", "subject", std::to_string(length));
  }

  void check_parts() {
    if (!message_.html.empty() && trim(message_.source.text).empty()) {
      add("note", "no_text_part", "text");
    }
    if (message_.html.size() > kClippedBytes) {
      add("warning", "too_large", "html", std::to_string(message_.html.size()));
    }
    const bool leaves =
        message_.html.find(html_escape(message_.unsubscribe_url)) != std::string::npos ||
        message_.html.find(message_.unsubscribe_url) != std::string::npos;
    if (!message_.html.empty() && !leaves) add("warning", "no_unsubscribe", "html");
  }

  void check_html() {
    const HtmlDocument document(message_.html);
    each_element(document.root(), [&](const GumboNode& element) {
      switch (element.v.element.tag) {
        case GUMBO_TAG_A:
          return check_link(element);
        case GUMBO_TAG_IMG:
          return check_image(element);
        case GUMBO_TAG_SCRIPT:
        case GUMBO_TAG_FORM:
        case GUMBO_TAG_IFRAME:
        case GUMBO_TAG_OBJECT:
        case GUMBO_TAG_EMBED:
        case GUMBO_TAG_VIDEO:
          return add("warning", "unsupported_element", "html", element_name(element));
        default:
          return;
      }
    });
    check_contrast(document.root());
    if (images_ > 0 && characters(trim(text_content(document.root()))) < 40) {
      add("warning", "mostly_images", "html", std::to_string(images_));
    }
  }

  void check_link(const GumboNode& element) {
    const char* href = attribute_of(element, "href");
    if (href == nullptr) return;
    const std::string problem = link_problem(href);
    if (!problem.empty()) add("error", problem, "html", href);
    const std::string shown = to_lower_ascii(trim(text_content(element)));
    const std::string target = to_lower_ascii(trim(href));
    const bool looks_like_address = shown.starts_with("http://") || shown.starts_with("https://");
    if (looks_like_address && host_of(shown) != host_of(target)) {
      add("warning", "misleading_link", "html", shown);
    }
  }

  static std::string host_of(std::string_view url) {
    const size_t start = url.find("://");
    if (start == std::string_view::npos) return {};
    const std::string_view rest = url.substr(start + 3);
    return std::string(rest.substr(0, rest.find_first_of("/?#:")));
  }

  /// Code of what is wrong with an address; empty when nothing is.
  static std::string link_problem(std::string_view raw) {
    const std::string_view url = trim(raw);
    const std::string lower = to_lower_ascii(url);
    if (lower.empty() || lower == "#") return "empty_link";
    if (lower.starts_with('#') || lower.starts_with("mailto:") || lower.starts_with("tel:") ||
        lower.starts_with("sms:")) {
      return {};
    }
    if (lower.starts_with("javascript:") || lower.starts_with("data:") ||
        lower.starts_with("file:")) {
      return "unsafe_link";
    }
    if (!lower.starts_with("https://") && !lower.starts_with("http://")) return "relative_link";
    const std::string host = host_of(lower);
    static constexpr std::array<std::string_view, 5> kLocal{"localhost", "127.0.0.1", "0.0.0.0",
                                                            "example.com", "[::1]"};
    for (const std::string_view local : kLocal) {
      if (host == local) return "local_link";
    }
    if (host.ends_with(".local") || host.ends_with(".localhost") || host.ends_with(".internal") ||
        host.starts_with("192.168.") || host.starts_with("10.")) {
      return "local_link";
    }
    const bool named = host.find('.') != std::string::npos && !host.starts_with('.') &&
                       !host.ends_with('.') && host.find("..") == std::string::npos;
    const bool clean = url.find_first_of(" <>\"{}|\\^`\t\n") == std::string_view::npos;
    return named && clean ? "" : "broken_link";
  }

  void check_image(const GumboNode& element) {
    ++images_;
    const char* source = attribute_of(element, "src");
    const std::string src(trim(source ? source : ""));
    if (attribute_of(element, "alt") == nullptr) {
      add("warning", "image_without_alt", "html", src);
    }
    if (src.starts_with("data:")) {
      add("warning", "embedded_image", "html", src.substr(0, 40));
    } else if (const std::string problem = src.empty() ? "empty_link" : link_problem(src);
               !problem.empty()) {
      add("error", problem, "html", src.substr(0, 200));
    }
  }

  struct Style {
    std::string color = "#000000";
    std::string background = "#ffffff";
    double size = 16;
    bool bold = false;
  };

  /// Text against the nearest background above it, as far as inline styles and old attributes say.
  void check_contrast(const GumboNode& root) {
    std::vector<std::pair<const GumboNode*, Style>> stack{{&root, Style()}};
    std::set<std::string> told;
    while (!stack.empty()) {
      auto [node, style] = stack.back();
      stack.pop_back();
      if (node->type == GUMBO_NODE_TEXT) {
        judge(style, told);
        continue;
      }
      if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag == GUMBO_TAG_STYLE ||
          node->v.element.tag == GUMBO_TAG_SCRIPT || node->v.element.tag == GUMBO_TAG_HEAD) {
        continue;
      }
      if (!apply(*node, style)) continue;
      const GumboVector& children = node->v.element.children;
      for (unsigned i = children.length; i > 0; --i) {
        stack.emplace_back(static_cast<const GumboNode*>(children.data[i - 1]), style);
      }
    }
  }

  void judge(const Style& style, std::set<std::string>& told) {
    const auto ratio = contrast(style.color, style.background);
    const bool large = style.size >= (style.bold ? kLargeBold : kLargeText);
    if (!ratio || *ratio >= (large ? kLeastContrastLarge : kLeastContrast)) return;
    std::string detail = fmt::format("{} on {}: {:.1f}", style.color, style.background, *ratio);
    if (told.insert(detail).second) add("warning", "low_contrast", "html", std::move(detail));
  }

  /// False when the element is not shown.
  static bool apply(const GumboNode& element, Style& style) {
    if (const char* color = attribute_of(element, "bgcolor")) style.background = color;
    if (const char* color = attribute_of(element, "color")) style.color = color;
    const GumboTag tag = element.v.element.tag;
    if (tag == GUMBO_TAG_B || tag == GUMBO_TAG_STRONG || tag == GUMBO_TAG_H1 ||
        tag == GUMBO_TAG_H2 || tag == GUMBO_TAG_H3) {
      style.bold = true;
    }
    if (tag == GUMBO_TAG_H1) style.size = 32;
    if (tag == GUMBO_TAG_H2) style.size = 24;
    const char* text = attribute_of(element, "style");
    if (text == nullptr) return true;
    for (const std::string_view part : split(text, ';')) {
      const size_t colon = part.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string name = to_lower_ascii(trim(part.substr(0, colon)));
      const std::string value = to_lower_ascii(trim(part.substr(colon + 1)));
      if (name == "display" && value.starts_with("none")) return false;
      if (name == "color") style.color = value;
      if (name == "background-color") style.background = value;
      if (name == "background") style.background = value.substr(0, value.find(' '));
      if (name == "font-weight") style.bold = value == "bold" || value >= "600";
      if (name == "font-size" && value.ends_with("px")) {
        style.size = parse_number(value.substr(0, value.size() - 2)).value_or(style.size);
      }
    }
    return true;
  }

  /// What filters count against a message.
  void check_words() {
    const auto capitals =
        static_cast<size_t>(std::count_if(message_.subject.begin(), message_.subject.end(),
                                          [](char c) { return c >= 'A' && c <= 'Z'; }));
    const bool lower = std::any_of(message_.subject.begin(), message_.subject.end(),
                                   [](char c) { return c >= 'a' && c <= 'z'; });
    if (capitals >= kManyCapitals && !lower) add("warning", "spam_capitals", "subject");
    for (const std::string_view marks : {"!!", "??", "$$", "！！"}) {
      if (message_.subject.find(marks) != std::string::npos) {
        add("warning", "spam_marks", "subject", std::string(marks));
      }
    }
    static constexpr std::array<std::string_view, 24> kWords{
        "100% free",      "act now",
        "click here",     "cash bonus",
        "double your",    "earn money",
        "free money",     "guaranteed",
        "increase sales", "limited time only",
        "no obligation",  "once in a lifetime",
        "risk-free",      "risk free",
        "winner",         "you have been selected",
        "免费领取",       "中奖",
        "點擊這裡",       "免費領取",
        "trúng thưởng",   "miễn phí 100%",
        "kiếm tiền",      "nhấp vào đây"};
    const std::string body = to_lower_ascii(message_.subject + "\n" + message_.text);
    for (const std::string_view word : kWords) {
      if (body.find(word) != std::string::npos)
        add("note", "spam_words", "text", std::string(word));
    }
  }

  const CheckedMessage& message_;
  std::vector<Finding> findings_;
  size_t images_ = 0;
};

}  // namespace

std::vector<Finding> check_message(const CheckedMessage& message) {
  return Checker(message).run();
}

std::optional<double> contrast(std::string_view color, std::string_view background) {
  const auto a = parse_css_color(color);
  const auto b = parse_css_color(background);
  if (!a || !b) return std::nullopt;
  const double light = std::max(luminance(*a), luminance(*b));
  const double dark = std::min(luminance(*a), luminance(*b));
  return (light + 0.05) / (dark + 0.05);
}

}  // namespace rapport
