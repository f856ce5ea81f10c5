#include "messaging/permission/own_page_routes.h"

#include "base/error.h"
#include "base/limits/permission.h"
#include "base/text.h"

namespace rapport {
namespace {

using T = PageText;

Response see_other(std::string path) {
  Response response;
  response.status = 303;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", std::move(path));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response invalid_link(const Request& request) {
  std::string_view language = request.query_value("lang").value_or("");
  if (language.empty()) {
    language = request.header("accept-language");
    language = language.substr(0, language.find_first_of(",;"));
  }
  return own_page_response(invalid_link_page(page_language(language)), 404);
}

std::string path_with(const Request& request, std::string_view done, std::string_view language) {
  std::string path = "/p/" + std::string(request.parameter("token")) + "?done=" + std::string(done);
  if (!language.empty()) path += "&lang=" + std::string(language);
  return path;
}

void add_notice(PreferencesView& view, std::string_view done) {
  struct Notice {
    std::string_view done;
    T text;
    bool problem;
  };
  constexpr Notice kNotices[]{{"saved", T::kSaved, false},
                              {"stopped", T::kStopped, false},
                              {"sent", T::kChangeSent, false},
                              {"bad_address", T::kBadAddress, true},
                              {"too_many", T::kTooMany, true}};
  for (const Notice& notice : kNotices) {
    if (notice.done != done) continue;
    view.notice = page_text(notice.text, view.language);
    view.problem = notice.problem;
  }
}

Response show_preferences(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kPreferences, request.parameter("token"));
  if (!link) return invalid_link(request);
  PreferencesView view = service.preferences(*link, page_visit(request));
  add_notice(view, request.query_value("done").value_or(""));
  return own_page_response(preferences_page(view));
}

Response change_preferences(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kPreferences, request.parameter("token"));
  if (!link) return invalid_link(request);
  const PageVisit visit = page_visit(request);
  const FormFields form = parse_form(request.body);
  std::string action;
  std::string address;
  for (const auto& [name, value] : form) {
    if (name == "action") action = value;
    if (name == "address") address = value;
  }
  if (action == "save") {
    service.save(*link, visit, form);
    return see_other(path_with(request, "saved", ""));
  }
  if (action == "unsubscribe_all") {
    service.unsubscribe_all(*link, visit);
    return see_other(path_with(request, "stopped", visit.language));
  }
  if (action == "change_address") {
    const PageText result = service.request_address(*link, visit, address);
    return see_other(path_with(request,
                               result == T::kChangeSent   ? "sent"
                               : result == T::kBadAddress ? "bad_address"
                                                          : "too_many",
                               visit.language));
  }
  throw Error::invalid("action", "must be save, unsubscribe_all or change_address");
}

Response show_data(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kPreferences, request.parameter("token"));
  if (!link) return invalid_link(request);
  return own_page_response(own_data_page(service.own_data(*link, page_visit(request))));
}

QuestionView question(OwnPageService& service, const OwnPageLink& link, const Request& request) {
  QuestionView view;
  view.brand = service.brand(link.workspace);
  view.language = service.language(link, page_visit(request));
  view.title = page_text(T::kConfirm, view.language);
  return view;
}

Response ask_consent(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kConsent, request.parameter("token"));
  const auto title =
      link ? service.consent_title(*link, page_visit(request)) : std::optional<std::string>();
  if (!title) return invalid_link(request);
  QuestionView view = question(service, *link, request);
  view.text = page_text(T::kConfirmQuestion, view.language, *title);
  view.button = page_text(T::kConfirmButton, view.language);
  return own_page_response(question_page(view));
}

Response confirm_consent(OwnPageService& service, const Request& request) {
  const PageVisit visit = page_visit(request);
  const auto link = service.open(OwnPageKind::kConsent, request.parameter("token"));
  const auto title = link ? service.consent_title(*link, visit) : std::optional<std::string>();
  if (!title) return invalid_link(request);
  service.confirm_consent(*link, visit);
  QuestionView view = question(service, *link, request);
  view.text = page_text(T::kConfirmed, view.language, *title);
  view.link_url = service.preferences_path(*link);
  view.link_text = page_text(T::kPreferences, view.language);
  return own_page_response(question_page(view));
}

Response ask_address(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kAddress, request.parameter("token"));
  if (!link) return invalid_link(request);
  QuestionView view = question(service, *link, request);
  view.text = page_text(T::kAddressQuestion, view.language, link->text);
  view.button = page_text(T::kConfirmButton, view.language);
  return own_page_response(question_page(view));
}

Response confirm_address(OwnPageService& service, const Request& request) {
  const auto link = service.open(OwnPageKind::kAddress, request.parameter("token"));
  if (!link) return invalid_link(request);
  service.confirm_address(*link, page_visit(request));
  QuestionView view = question(service, *link, request);
  view.text = page_text(T::kAddressDone, view.language, link->text);
  view.link_url = service.preferences_path(*link);
  view.link_text = page_text(T::kPreferences, view.language);
  return own_page_response(question_page(view));
}

using PageHandler = Response (*)(OwnPageService&, const Request&);

}  // namespace

Response own_page_response(std::string html, int status) {
  Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(html);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' "
                                "https: data:; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'");
  return response;
}

PageVisit page_visit(const Request& request) {
  return {request.remote_ip, std::string(request.header("user-agent")),
          std::string(request.header("accept-language")),
          std::string(request.query_value("lang").value_or(""))};
}

RouteGroup make_own_page_routes(OwnPageService& service) {
  RouteGroup group;
  const auto add = [&](std::string method, std::string pattern, std::string operation,
                       std::string summary, PageHandler handler) {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = Permission::kPublic;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = "own pages";
    route.max_body_bytes = limits::kMaxOwnPageBytes;
    route.handler = [&service, handler](const Request& request) {
      return handler(service, request);
    };
    group.routes.push_back(std::move(route));
  };
  add("GET", "/p/{token}", "showPreferences", "A customer's preferences by a signed link",
      show_preferences);
  add("POST", "/p/{token}", "changePreferences",
      "Save them, unsubscribe from everything, or ask for another address", change_preferences);
  add("GET", "/p/{token}/data", "showOwnData", "What is known of the customer and was sent",
      show_data);
  add("GET", "/c/{token}", "askConsent", "Asks whether a consent is really wanted", ask_consent);
  add("POST", "/c/{token}", "confirmConsent", "Confirms a consent (double opt-in)",
      confirm_consent);
  add("GET", "/a/{token}", "askAddress", "Asks whether a new address is right", ask_address);
  add("POST", "/a/{token}", "confirmAddress", "Confirms a new address", confirm_address);
  return group;
}

}  // namespace rapport
