#include "messaging/tracking.h"

#include <array>

#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr size_t kSignatureBytes = 16;
constexpr size_t kMaxTokenBytes = 6'000;

void put_u64(std::string& out, uint64_t v) {
  for (int i = 7; i >= 0; --i) out += static_cast<char>((v >> (8 * i)) & 0xFF);
}

uint64_t get_u64(std::string_view in) {
  uint64_t v = 0;
  for (int i = 0; i < 8; ++i) v = (v << 8) | static_cast<unsigned char>(in[i]);
  return v;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

std::string html_unescape(std::string_view text) {
  struct Entity {
    std::string_view name;
    char c;
  };
  static constexpr std::array kEntities{Entity{"&amp;", '&'}, Entity{"&lt;", '<'},
                                        Entity{"&gt;", '>'}, Entity{"&quot;", '"'},
                                        Entity{"&#39;", '\''}};
  std::string out;
  while (!text.empty()) {
    bool replaced = false;
    if (text.front() == '&') {
      for (const Entity& entity : kEntities) {
        if (text.substr(0, entity.name.size()) != entity.name) continue;
        out += entity.c;
        text.remove_prefix(entity.name.size());
        replaced = true;
        break;
      }
    }
    if (!replaced) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

/// Reads one tag's attributes and copies them out, with href replaced.
class TagRewriter {
 public:
  TagRewriter(std::string_view html, const MessageLinks& links) : html_(html), links_(links) {}
  std::string run();

 private:
  void copy_to(size_t end) {
    out_ += html_.substr(at_, end - at_);
    at_ = end;
  }
  void copy_past(std::string_view end_mark) {
    const size_t end = html_.find(end_mark, at_);
    copy_to(end == std::string_view::npos ? html_.size() : end + end_mark.size());
  }
  void tag();
  void attribute(bool link);
  void href(std::string_view value);
  size_t value_end(size_t from, char& quote) const;

  std::string_view html_;
  const MessageLinks& links_;
  size_t at_ = 0;
  std::string out_;
};

std::string TagRewriter::run() {
  out_.reserve(html_.size() + html_.size() / 4 + 512);
  while (at_ < html_.size()) {
    const size_t open = html_.find('<', at_);
    if (open == std::string_view::npos) {
      copy_to(html_.size());
      break;
    }
    copy_to(open);
    if (html_.substr(at_, 4) == "<!--") {
      copy_past("-->");
    } else {
      tag();
    }
  }
  return std::move(out_);
}

void TagRewriter::tag() {
  size_t end = at_ + 1;
  while (end < html_.size() && html_[end] != '>' && html_[end] != '/' && !is_space(html_[end])) {
    ++end;
  }
  const std::string name = to_lower_ascii(html_.substr(at_ + 1, end - at_ - 1));
  copy_to(end);
  const bool link = name == "a" || name == "area";
  while (at_ < html_.size()) {
    if (is_space(html_[at_]) || html_[at_] == '/') {
      copy_to(at_ + 1);
    } else if (html_[at_] == '>') {
      copy_to(at_ + 1);
      return;
    } else {
      attribute(link);
    }
  }
}

size_t TagRewriter::value_end(size_t from, char& quote) const {
  quote = from < html_.size() && (html_[from] == '"' || html_[from] == '\'') ? html_[from] : '\0';
  if (quote != '\0') {
    const size_t end = html_.find(quote, from + 1);
    return end == std::string_view::npos ? html_.size() : end;
  }
  while (from < html_.size() && html_[from] != '>' && !is_space(html_[from])) ++from;
  return from;
}

void TagRewriter::attribute(bool link) {
  size_t end = at_;
  while (end < html_.size() && html_[end] != '=' && html_[end] != '>' && !is_space(html_[end]) &&
         (html_[end] != '/' || end == at_)) {
    ++end;
  }
  if (end == at_) ++end;
  const std::string name = to_lower_ascii(html_.substr(at_, end - at_));
  copy_to(end);
  size_t equals = at_;
  while (equals < html_.size() && is_space(html_[equals])) ++equals;
  if (equals >= html_.size() || html_[equals] != '=') return;
  ++equals;
  while (equals < html_.size() && is_space(html_[equals])) ++equals;
  copy_to(equals);
  char quote = '\0';
  const size_t stop = value_end(at_, quote);
  if (link && name == "href") {
    const size_t start = at_ + (quote != '\0' ? 1 : 0);
    href(html_.substr(start, stop - start));
    at_ = stop;
    if (quote != '\0' && at_ < html_.size()) ++at_;
  } else {
    copy_to(quote != '\0' && stop < html_.size() ? stop + 1 : stop);
  }
}

void TagRewriter::href(std::string_view value) {
  const std::string url = html_unescape(trim(value));
  const std::string scheme = to_lower_ascii(std::string_view(url).substr(0, 8));
  const bool web = scheme.starts_with("http://") || scheme.starts_with("https://");
  const bool ours = url == links_.unsubscribe();
  out_ += '"';
  out_ += web && !ours ? html_escape(links_.click(url)) : html_escape(url);
  out_ += '"';
}

size_t find_last_ignoring_case(std::string_view text, std::string_view lower_mark) {
  for (size_t at = text.size(); at-- > 0;) {
    if (text[at] == '<' && equals_ignore_case(text.substr(at, lower_mark.size()), lower_mark)) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string LinkSigner::sign(const TrackingLink& link) const {
  std::string bytes(1, static_cast<char>(link.kind));
  put_u64(bytes, link.workspace.value);
  put_u64(bytes, link.message.value);
  bytes += link.url;
  bytes += as_view(keyed_hash_128(key_, {bytes}));
  return base64url_encode(bytes);
}

std::optional<TrackingLink> LinkSigner::open(LinkKind kind, std::string_view token) const {
  constexpr size_t kFixed = 1 + 8 + 8;
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const auto bytes = base64_decode(token);
  if (!bytes || bytes->size() < kFixed + kSignatureBytes) return std::nullopt;
  const std::string_view all = *bytes;
  const std::string_view body = all.substr(0, all.size() - kSignatureBytes);
  const auto expected = keyed_hash_128(key_, {body});
  if (!constant_time_equal(as_view(expected), all.substr(body.size()))) return std::nullopt;
  // A second spelling of the same bytes (unused bits of the last letter) is an altered link too.
  if (base64url_encode(all) != token) return std::nullopt;
  if (body[0] != static_cast<char>(kind)) return std::nullopt;
  return TrackingLink{kind, WorkspaceId{get_u64(body.substr(1))},
                      MessageId{get_u64(body.substr(9))}, std::string(body.substr(kFixed))};
}

std::string MessageLinks::address(LinkKind kind, std::string_view url) const {
  const TrackingLink link{kind, workspace_, message_, std::string(url)};
  return public_url_ + "/t/" + static_cast<char>(kind) + "/" + signer_.sign(link);
}

std::string MessageLinks::open_pixel() const {
  return address(LinkKind::kOpen, {});
}
std::string MessageLinks::click(std::string_view url) const {
  return address(LinkKind::kClick, url);
}
std::string MessageLinks::unsubscribe() const {
  return address(LinkKind::kUnsubscribe, {});
}

std::string add_tracking(std::string_view html, const MessageLinks& links) {
  std::string out = TagRewriter(html, links).run();
  const std::string pixel = "<img src=\"" + html_escape(links.open_pixel()) +
                            "\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">";
  const size_t body_end = find_last_ignoring_case(out, "</body>");
  out.insert(body_end == std::string::npos ? out.size() : body_end, pixel);
  return out;
}

}  // namespace rapport
