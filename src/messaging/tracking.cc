#include "messaging/tracking.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr size_t kSignatureBytes = 16;
constexpr size_t kMaxTokenBytes = 6'000;
constexpr size_t kMaxLinkBytes = 4'000;  // longer links stay as they are

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

/// The character of a reference at the start of `text` ("&amp;", "&#38;", "&#x26;"), and its
/// length; null when it is none, or not of ASCII: such characters do not change where a link leads.
std::optional<std::pair<char, size_t>> character_reference(std::string_view text) {
  struct Entity {
    std::string_view name;
    char c;
  };
  static constexpr std::array kEntities{Entity{"&amp;", '&'},     Entity{"&lt;", '<'},
                                        Entity{"&gt;", '>'},      Entity{"&quot;", '"'},
                                        Entity{"&apos;", '\''},   Entity{"&Tab;", '\t'},
                                        Entity{"&NewLine;", '\n'}};
  for (const Entity& entity : kEntities) {
    if (text.starts_with(entity.name)) return std::pair(entity.c, entity.name.size());
  }
  const size_t end = text.substr(0, 12).find(';');
  if (!text.starts_with("&#") || end == std::string_view::npos) return std::nullopt;
  std::string_view digits = text.substr(2, end - 2);
  int base = 10;
  if (digits.starts_with('x') || digits.starts_with('X')) {
    digits.remove_prefix(1);
    base = 16;
  }
  unsigned code = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  if (!whole || code == 0 || code > 0x7F) return std::nullopt;
  return std::pair(static_cast<char>(code), end + 1);
}

std::string html_unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto reference = character_reference(text);
    out += reference ? reference->first : text.front();
    text.remove_prefix(reference ? reference->second : 1);
  }
  return out;
}

/// The address that a browser makes of an attribute's value: no white space around it, no tab or
/// line end in it.
std::string link_target(std::string_view value) {
  const std::string raw = html_unescape(value);
  std::string url;
  for (const char c : trim(raw)) {
    if (c != '\t' && c != '\r' && c != '\n') url += c;
  }
  return url;
}

/// Whether a link may go through a redirect: on the web, without control characters, and short
/// enough for its token.
bool is_trackable(std::string_view url) {
  const std::string scheme = to_lower_ascii(url.substr(0, 8));
  const bool web = scheme.starts_with("http://") || scheme.starts_with("https://");
  return web && url.size() <= kMaxLinkBytes &&
         std::none_of(url.begin(), url.end(),
                      [](unsigned char c) { return c <= 0x1F || c == 0x7F; });
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
  bool starts_tag() const {
    const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : ' ';
    return std::isalpha(static_cast<unsigned char>(next)) != 0 || next == '/' || next == '!' ||
           next == '?';
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
    } else if (starts_tag()) {
      tag();
    } else {
      copy_to(at_ + 1);  // a "less than" in the text
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
  if (at_ == html_.size()) return;
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
  const std::string url = link_target(value);
  if (is_trackable(url) && !links_.is_ours(url)) {
    out_ += '"' + html_escape(links_.click(url)) + '"';
  } else {
    out_ += '"';
    for (const char c : value) {
      if (c == '"') {
        out_ += "&quot;";
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }
}

size_t find_last_ignoring_case(std::string_view text, std::string_view lower_mark) {
  for (size_t at = text.size(); at-- > 0;) {
    if (text[at] == '<' && equals_ignore_case(text.substr(at, lower_mark.size()), lower_mark)) {
      return at;
    }
  }
  return std::string_view::npos;
}

/// Marks a link that says whose it is.
char whose_kind(LinkKind kind) {
  return static_cast<char>(static_cast<unsigned char>(kind) - 'a' + 'A');
}

}  // namespace

std::string LinkSigner::sign(const TrackingLink& link) const {
  const bool whose = link.customer.value != 0;
  std::string bytes(1, whose ? whose_kind(link.kind) : static_cast<char>(link.kind));
  put_u64(bytes, link.workspace.value);
  put_u64(bytes, link.message.value);
  if (whose) {
    put_u64(bytes, link.customer.value);
    put_u64(bytes, link.campaign.value);
  }
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
  TrackingLink link{kind, WorkspaceId{get_u64(body.substr(1))}, MessageId{get_u64(body.substr(9))},
                    std::string(body.substr(kFixed))};
  if (body[0] == static_cast<char>(kind)) return link;
  constexpr size_t kWhose = 8 + 8;
  if (body[0] != whose_kind(kind) || link.url.size() < kWhose) return std::nullopt;
  link.customer = CustomerId{get_u64(body.substr(kFixed))};
  link.campaign = CampaignId{get_u64(body.substr(kFixed + 8))};
  link.url.erase(0, kWhose);
  return link;
}

std::string MessageLinks::address(LinkKind kind, std::string_view url) const {
  const TrackingLink link{kind, workspace_, message_, std::string(url), customer_, campaign_};
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

bool MessageLinks::is_ours(std::string_view url) const {
  return url.starts_with(public_url_ + "/t/");
}

void insert_at_body_end(std::string& html, std::string_view addition) {
  const size_t body_end = find_last_ignoring_case(html, "</body>");
  html.insert(body_end == std::string::npos ? html.size() : body_end, addition);
}

std::string add_tracking(std::string_view html, const MessageLinks& links) {
  std::string out = TagRewriter(html, links).run();
  insert_at_body_end(out, "<img src=\"" + html_escape(links.open_pixel()) +
                              "\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">");
  return out;
}

}  // namespace rapport
