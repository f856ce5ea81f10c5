#include "messaging/permission/own_page.h"

#include <array>

#include "base/limits/permission.h"
#include "base/text.h"
#include "messaging/content/css_color.h"

namespace rapport {
namespace {

using T = PageText;

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}body{margin:0;font:17px/1.5 system-ui,sans-serif;"
    "background:#f6f6f4;color:#1c1c1a}main{max-width:36rem;margin:0 auto;padding:1.25rem 1rem "
    "3rem}header{font-weight:600;color:#55554f}h1{font-size:1.6rem;line-height:1.2;margin:.4rem 0 "
    "1rem}h2,legend{font-size:1.1rem;font-weight:600;padding:0;margin:0 0 .5rem}fieldset,section{"
    "border:0;background:#fff;border-radius:12px;padding:1rem;margin:0 0 1rem}label{display:block;"
    "padding:.5rem 0}label.row{display:flex;gap:.75rem;align-items:flex-start;min-height:44px;"
    "box-sizing:border-box}input[type=checkbox],input[type=radio]{width:22px;height:22px;margin:"
    ".1rem 0 0;flex:none}small{display:block;color:#55554f}select,input[type=email]{font:inherit;"
    "width:100%;box-sizing:border-box;min-height:44px;padding:.4rem .6rem;border:1px solid #8a8a83;"
    "border-radius:8px;background:#fff;color:#1c1c1a}button{font:inherit;font-weight:600;width:100%"
    ";"
    "min-height:48px;border:0;border-radius:10px;background:#1f4fd8;color:#fff;cursor:pointer}"
    "button.quiet{background:#fff;color:#a3131b;border:1px solid #a3131b}a{color:#1f4fd8}"
    ":focus-visible{outline:3px solid #1f4fd8;outline-offset:2px}.notice{background:#e5f3e8;color:"
    "#14451f;border-radius:12px;padding:.75rem 1rem;margin:0 0 1rem}.problem{background:#fbe9e9;"
    "color:#7c0d13}dl{margin:0}dt{color:#55554f;font-size:.9rem}dd{margin:0 0 .5rem;overflow-wrap:"
    "anywhere}ul{margin:0;padding-left:1.2rem}nav.languages{margin-top:1.5rem;font-size:.9rem}"
    "@media(prefers-color-scheme:dark){body{background:#161615;color:#eeeeea}fieldset,section,"
    "select,input[type=email],button.quiet{background:#232321;color:#eeeeea}header,small,dt{color:"
    "#b5b5ad}a{color:#9db7ff}button{background:#3b66e0}button.quiet{color:#ff9a9f;border-color:"
    "#ff9a9f}.notice{background:#173820;color:#d5f0db}.problem{background:#4a1518;color:#ffdadb}}";

std::string text(T id, std::string_view language) {
  return html_escape(page_text(id, language));
}

std::string text(T id, std::string_view language, std::string_view name) {
  return html_escape(page_text(id, language, name));
}

std::string hex_color(const std::array<int, 3>& color) {
  std::string text = "#";
  for (const int part : color) {
    text += "0123456789abcdef"[part / 16 % 16];
    text += "0123456789abcdef"[part % 16];
  }
  return text;
}

/// Buttons in the brand's colour, their words black or white, whichever is easier to read. Links
/// take it only where it reads well on white and, in the dark, stay as they are.
std::string brand_style(const PageBrand& brand) {
  const auto color = parse_css_color(brand.color);
  if (!color) return {};
  const double light = luminance(*color);
  const bool dark_words = (light + 0.05) / 0.05 > 1.05 / (light + 0.05);
  const std::string hex = hex_color(*color);
  std::string style = "button:not(.quiet){background:" + hex +
                      ";color:" + (dark_words ? "#000" : "#fff") +
                      ";border:1px solid currentColor}";
  if (1.05 / (light + 0.05) >= 4.5) {
    style += "@media(prefers-color-scheme:light){a{color:" + hex + "}}";
  }
  return style;
}

std::string brand_header(const PageBrand& brand) {
  const bool shown = brand.logo_url.starts_with("https://") || brand.logo_url.starts_with("/i/");
  if (!shown) return html_escape(brand.name);
  return "<img src=\"" + html_escape(brand.logo_url) + "\" alt=\"" + html_escape(brand.name) +
         "\" style=\"max-height:48px;max-width:100%\">";
}

std::string shell(std::string_view language, const PageBrand& brand, std::string_view title,
                  std::string_view body) {
  return "<!doctype html><html lang=\"" + html_escape(language) +
         "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" "
         "content=\"noindex\"><meta name=\"referrer\" content=\"no-referrer\"><title>" +
         html_escape(title) + "</title><style>" + std::string(kStyle) + brand_style(brand) +
         "</style></head><body><main><header>" + brand_header(brand) + "</header><h1>" +
         html_escape(title) + "</h1>" + std::string(body) + "</main></body></html>";
}

std::string notice(const PreferencesView& view) {
  if (view.notice.empty()) return {};
  return std::string("<p class=\"notice") + (view.problem ? " problem" : "") +
         "\" role=\"status\">" + html_escape(view.notice) + "</p>";
}

std::string topic_rows(const PreferencesView& view) {
  std::string rows;
  for (const OfferedTopic& offered : view.topics) {
    const std::string name = to_public(offered.topic->id) + ":" + offered.channel;
    rows += "<label class=\"row\"><input type=\"checkbox\" name=\"topic\" value=\"" +
            html_escape(name) + "\"" + (offered.on ? " checked" : "") + "><span>" +
            html_escape(offered.topic->title(view.language));
    const bool email = offered.channel == "email";
    std::string note(offered.topic->description(view.language));
    if (!email) note += (note.empty() ? "" : " · ") + offered.channel;
    if (offered.pending) {
      note += (note.empty() ? "" : " · ") + std::string(page_text(T::kPending, view.language));
    }
    if (!note.empty()) rows += "<small>" + html_escape(note) + "</small>";
    rows += "</span></label>";
  }
  if (rows.empty()) rows = "<p>" + text(T::kNoTopics, view.language) + "</p>";
  return rows;
}

std::string radio(std::string_view name, std::string_view value, bool checked,
                  const std::string& label) {
  return "<label class=\"row\"><input type=\"radio\" name=\"" + std::string(name) + "\" value=\"" +
         std::string(value) + "\"" + (checked ? " checked" : "") + "><span>" + label +
         "</span></label>";
}

std::string frequency_rows(const PreferencesView& view) {
  constexpr std::array<std::pair<std::string_view, T>, 4> kChoices{
      {{"", T::kAny}, {"daily", T::kDaily}, {"weekly", T::kWeekly}, {"monthly", T::kMonthly}}};
  std::string rows;
  for (const auto& [value, label] : kChoices) {
    rows += radio("frequency", value, view.wishes.frequency == value, text(label, view.language));
  }
  return rows;
}

std::string pause_row(const PreferencesView& view) {
  const bool paused = view.wishes.paused_until && *view.wishes.paused_until > view.now;
  std::string row = "<label>" + text(T::kPause, view.language) + "<select name=\"pause\">";
  if (paused) {
    row +=
        "<option value=\"keep\" selected>" +
        text(T::kPausedUntil, view.language, page_date(*view.wishes.paused_until, view.language)) +
        "</option>";
  }
  row += std::string("<option value=\"0\"") + (paused ? "" : " selected") + ">" +
         text(T::kNoPause, view.language) + "</option>";
  for (const char* weeks : {"1", "2", "4", "8", "12"}) {
    row += std::string("<option value=\"") + weeks + "\">" + text(T::kWeeks, view.language, weeks) +
           "</option>";
  }
  return row + "</select></label>";
}

std::string language_row(const PreferencesView& view) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{
      {{"en", "English"}, {"zh-Hans", "简体中文"}, {"zh-Hant", "繁體中文"}, {"vi", "Tiếng Việt"}}};
  std::string row = "<label>" + text(T::kLanguage, view.language) + "<select name=\"language\">";
  for (const auto& [tag, name] : kNames) {
    row += "<option value=\"" + std::string(tag) + "\" lang=\"" + std::string(tag) + "\"" +
           (view.language == tag ? " selected" : "") + ">" + std::string(name) + "</option>";
  }
  return row + "</select></label>";
}

std::string action(std::string_view value) {
  return "<input type=\"hidden\" name=\"action\" value=\"" + std::string(value) + "\">";
}

std::string stop_form(const PreferencesView& view) {
  return "<form method=\"post\"><section><h2>" + text(T::kStopAll, view.language) + "</h2><p>" +
         text(T::kStopAllNote, view.language) + "</p>" + action("unsubscribe_all") +
         "<button class=\"quiet\" type=\"submit\">" + text(T::kStopAllButton, view.language) +
         "</button></section></form>";
}

std::string address_form(const PreferencesView& view) {
  return "<form method=\"post\"><section><h2>" + text(T::kChangeAddress, view.language) +
         "</h2><p>" + html_escape(view.address) + "</p><p>" +
         text(T::kChangeAddressNote, view.language) + "</p>" + action("change_address") +
         "<label>" + text(T::kNewAddress, view.language) +
         "<input type=\"email\" name=\"address\" autocomplete=\"email\" maxlength=\"254\" "
         "required></label><button type=\"submit\">" +
         text(T::kSend, view.language) + "</button></section></form>";
}

std::string list_or_nothing(const std::string& items, std::string_view language) {
  return items.empty() ? "<p>" + text(T::kNothing, language) + "</p>" : "<ul>" + items + "</ul>";
}

std::string consent_item(const ConsentRecord& record, std::string_view language) {
  const ConsentFact& fact = record.fact;
  const T status = fact.status == ConsentStatus::kGiven       ? T::kStatusGiven
                   : fact.status == ConsentStatus::kWithdrawn ? T::kStatusWithdrawn
                                                              : T::kStatusRequested;
  const std::string topic =
      fact.topic.value == 0 ? std::string(page_text(T::kAllTopics, language)) : fact.topic_name;
  return "<li>" + html_escape(topic) + ": " + text(status, language) + ", " +
         html_escape(page_date(fact.at, language)) + "</li>";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string_view part : split(body, '&')) {
    if (part.empty()) continue;
    if (fields.size() == limits::kMaxOwnPageFields) break;
    const size_t equals = part.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    auto name = percent_decode(part.substr(0, equals), true);
    auto decoded = percent_decode(value, true);
    if (name && decoded && is_valid_utf8(*decoded)) {
      fields.emplace_back(std::move(*name), std::move(*decoded));
    }
  }
  return fields;
}

std::string page_date(Timestamp at, std::string_view language) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  const std::string year = std::to_string(static_cast<int>(date.year()));
  const auto month = static_cast<unsigned>(date.month());
  const std::string day = std::to_string(static_cast<unsigned>(date.day()));
  if (language.starts_with("zh")) {
    return year + "年" + std::to_string(month) + "月" + day + "日";
  }
  if (language == "vi") return day + "/" + std::to_string(month) + "/" + year;
  return day + " " + std::string(kMonths.at(month - 1)) + " " + year;
}

std::string preferences_page(const PreferencesView& view) {
  const std::string_view l = view.language;
  std::string body = notice(view);
  body += "<p>" + text(T::kIntro, l, view.brand.name) + "</p>";
  body += "<form method=\"post\">" + action("save");
  body +=
      "<fieldset><legend>" + text(T::kTopics, l) + "</legend>" + topic_rows(view) + "</fieldset>";
  body += "<fieldset><legend>" + text(T::kHowOften, l) + "</legend>" + frequency_rows(view) +
          pause_row(view) + "</fieldset>";
  body += "<section>" + language_row(view) + "</section>";
  body += "<button type=\"submit\">" + text(T::kSave, l) + "</button></form><p></p>";
  body += stop_form(view) + address_form(view);
  body += "<p><a href=\"/p/" + html_escape(view.token) + "/data\">" + text(T::kYourData, l) +
          "</a></p><nav class=\"languages\" aria-label=\"" + text(T::kLanguage, l) +
          "\">"
          "<a lang=\"en\" href=\"?lang=en\">English</a> · <a lang=\"zh-Hans\" "
          "href=\"?lang=zh-Hans\">简体中文</a> · <a lang=\"zh-Hant\" "
          "href=\"?lang=zh-Hant\">繁體中文</a> · <a lang=\"vi\" href=\"?lang=vi\">Tiếng "
          "Việt</a></nav>";
  return shell(l, view.brand, page_text(T::kPreferences, l), body);
}

std::string own_data_page(const OwnDataView& view) {
  const std::string_view l = view.language;
  std::string facts;
  for (const auto& [name, value] : view.facts) {
    facts += "<dt>" + html_escape(name) + "</dt><dd>" + html_escape(value) + "</dd>";
  }
  std::string messages;
  for (const SentMessage& message : view.messages) {
    messages += "<li>" + html_escape(message.subject.empty() ? message.channel : message.subject) +
                ", " + html_escape(page_date(message.at, l)) + "</li>";
  }
  std::string consents;
  for (const ConsentRecord& record : view.consents) consents += consent_item(record, l);
  std::string body = "<p>" + text(T::kYourDataNote, l, view.brand.name) + " (" +
                     text(T::kSince, l, page_date(view.since, l)) + ")</p>";
  body += "<section><h2>" + text(T::kWhatWeKnow, l) + "</h2><dl>" + facts + "</dl></section>";
  body += "<section><h2>" + text(T::kWhatYouAgreed, l) + "</h2>" + list_or_nothing(consents, l) +
          "</section>";
  body += "<section><h2>" + text(T::kWhatWeSent, l) + "</h2>" + list_or_nothing(messages, l) +
          "</section>";
  body += "<p><a href=\"/p/" + html_escape(view.token) + "\">" + text(T::kBack, l) + "</a></p>";
  return shell(l, view.brand, page_text(T::kYourData, l), body);
}

std::string question_page(const QuestionView& view) {
  std::string body = "<section><p>" + html_escape(view.text) + "</p>";
  if (!view.button.empty()) {
    body += "<form method=\"post\"><button type=\"submit\">" + html_escape(view.button) +
            "</button></form>";
  }
  body += "</section>";
  if (!view.link_url.empty()) {
    body += "<p><a href=\"" + html_escape(view.link_url) + "\">" + html_escape(view.link_text) +
            "</a></p>";
  }
  return shell(view.language, view.brand, view.title, body);
}

std::string invalid_link_page(std::string_view language) {
  return shell(language, {}, page_text(T::kInvalidTitle, language),
               "<section><p>" + text(T::kInvalid, language) + "</p></section>");
}

}  // namespace rapport
