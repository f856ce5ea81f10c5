#include "messaging/tracking_routes.h"

#include <array>
#include <functional>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "customers/collect_service.h"
#include "messaging/campaigns/machine.h"
#include "messaging/permission/own_page_routes.h"
#include "runtime/log.h"

namespace rapport {
namespace {

/// What the pages say, in the languages of the product.
struct PageTexts {
  std::string_view language;
  std::string_view title;
  std::string_view question;
  std::string_view button;
  std::string_view done;
};

constexpr std::array kTexts{
    PageTexts{"en", "Unsubscribe", "Do you want to stop receiving these e-mails?", "Unsubscribe",
              "You are unsubscribed. You will not receive these e-mails any more."},
    PageTexts{"zh-Hans", "退订", "您确定不再接收此类邮件吗？", "退订",
              "您已退订，今后不会再收到此类邮件。"},
    PageTexts{"zh-Hant", "取消訂閱", "您確定不再接收此類郵件嗎？", "取消訂閱",
              "您已取消訂閱，今後不會再收到此類郵件。"},
    PageTexts{"vi", "Hủy đăng ký", "Bạn có muốn ngừng nhận các email này không?", "Hủy đăng ký",
              "Bạn đã hủy đăng ký và sẽ không nhận các email này nữa."},
};

/// By the first language of Accept-Language that we have, else English.
const PageTexts& texts_for(const Request& request) {
  for (const std::string_view part : split(request.header("accept-language"), ',')) {
    const std::string tag = to_lower_ascii(trim(part.substr(0, part.find(';'))));
    if (tag.starts_with("vi")) return kTexts[3];
    if (tag.starts_with("zh")) {
      const bool traditional = tag.find("hant") != tag.npos || tag.find("-tw") != tag.npos ||
                               tag.find("-hk") != tag.npos || tag.find("-mo") != tag.npos;
      return kTexts[traditional ? 2 : 1];
    }
    if (tag.starts_with("en")) return kTexts[0];
  }
  return kTexts[0];
}

Response page(const Request& request, QuestionView view, int status = 200) {
  const PageTexts& texts = texts_for(request);
  view.language = texts.language;
  view.title = texts.title;
  return own_page_response(question_page(view), status);
}

/// Shows the way to the recipient's preferences too.
void add_preferences(const TrackingService& service, const TrackingLink& link,
                     const Request& request, QuestionView& view) {
  view.link_url = service.preferences_path(link);
  view.link_text = page_text(PageText::kPreferences, texts_for(request).language);
}

Response invalid_link(const Request& request) {
  return own_page_response(invalid_link_page(texts_for(request).language), 404);
}

/// A header holds ASCII only (RFC 9110): other bytes, spaces and quotes are percent-encoded (RFC
/// 3987).
std::string ascii_url(std::string_view url) {
  std::string out;
  for (const char c : url) {
    const bool plain = c > ' ' && c < '\x7F' && c != '"' && c != '<' && c != '>' && c != '\\';
    out += plain ? std::string(1, c) : percent_encode(std::string_view(&c, 1));
  }
  return out;
}

/// Records what a link says, then answers, in any case: the reader gets their page or picture even
/// when the log takes nothing right now.
void record(TrackingService& service, const Request& request, const TrackingLink& link,
            const ResponseSender& send, Response response) {
  // Shared, because what waits in the log writer is copied on its way.
  const auto kept = std::make_shared<Response>(std::move(response));
  const auto answer = [send, kept](bool stored) {
    if (!stored) log_warning("tracking_not_recorded", {{"error", "the log took nothing"}});
    send(std::move(*kept));
  };
  try {
    service.submit(link, machine_reason(request, link.kind == LinkKind::kOpen), answer);
  } catch (const Error& error) {
    log_warning("tracking_not_recorded", {{"error", error.what()}});
    send(std::move(*kept));
  }
}

void open_pixel(TrackingService& service, const Request& request, const ResponseSender& send) {
  std::string_view token = request.parameter("token");
  if (token.ends_with(".gif")) token.remove_suffix(4);
  // An image must show in any case; only a link of ours is an open.
  const auto link = service.find(LinkKind::kOpen, token);
  if (!link) return send(pixel_response());
  record(service, request, *link, send, pixel_response());
}

void follow_click(TrackingService& service, const Request& request, const ResponseSender& send) {
  const auto link = service.find(LinkKind::kClick, request.parameter("token"));
  if (!link) return send(invalid_link(request));
  Response response;
  response.status = 302;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", ascii_url(link->url));
  response.headers.emplace_back("Cache-Control", "no-store");
  record(service, request, *link, send, std::move(response));
}

Response unsubscribe_page(TrackingService& service, const Request& request) {
  const auto link = service.find(LinkKind::kUnsubscribe, request.parameter("token"));
  if (!link) return invalid_link(request);
  const PageTexts& texts = texts_for(request);
  QuestionView view;
  view.text = texts.question;
  view.button = texts.button;
  add_preferences(service, *link, request, view);
  return page(request, std::move(view));
}

Response unsubscribe(TrackingService& service, const Request& request) {
  const auto link = service.find(LinkKind::kUnsubscribe, request.parameter("token"));
  if (!link) return invalid_link(request);
  service.unsubscribe(*link);
  QuestionView view;
  view.text = texts_for(request).done;
  add_preferences(service, *link, request, view);
  return page(request, std::move(view));
}

using AsyncTracking = void (*)(TrackingService&, const Request&, const ResponseSender&);
using TrackingHandler = Response (*)(TrackingService&, const Request&);

Route tracking_route(std::string method, std::string pattern, std::string operation,
                     std::string summary) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.permission = Permission::kPublic;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "tracking";
  route.max_body_bytes = 64 * 1024;
  return route;
}

/// Looks into stores, or writes a page.
Route page_route(TrackingService& service, std::string method, std::string operation,
                 std::string summary, TrackingHandler handler) {
  Route route =
      tracking_route(std::move(method), "/t/u/{token}", std::move(operation), std::move(summary));
  route.handler = [&service, handler](const Request& request) { return handler(service, request); };
  return route;
}

/// Runs on the io thread: only a signature is checked before the log takes it.
Route followed_route(TrackingService& service, std::string pattern, std::string operation,
                     std::string summary, AsyncTracking handler) {
  Route route = tracking_route("GET", std::move(pattern), std::move(operation), std::move(summary));
  route.async_handler = [&service, handler](std::shared_ptr<Request> request, ResponseSender send) {
    handler(service, *request, send);
  };
  return route;
}

}  // namespace

RouteGroup make_tracking_routes(TrackingService& service) {
  RouteGroup group;
  group.routes = {
      followed_route(service, "/t/o/{token}", "trackOpen", "Open pixel of a message", open_pixel),
      followed_route(service, "/t/c/{token}", "trackClick",
                     "Redirect to the target of a signed link", follow_click),
      page_route(service, "GET", "showUnsubscribe", "Page that asks before unsubscribing",
                 unsubscribe_page),
      page_route(service, "POST", "unsubscribe", "Unsubscribe in one click (RFC 8058)",
                 unsubscribe),
  };
  return group;
}

}  // namespace rapport
