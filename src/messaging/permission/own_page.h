// The customer's own pages as HTML: preferences, confirmations, their data. Pure: what is shown
// goes in, the page comes out. They work without scripts, on a phone first, and name every control.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messaging/permission/consent_store.h"
#include "messaging/permission/gate_store.h"
#include "messaging/permission/page_texts.h"

namespace rapport {

/// Form fields of a body of type application/x-www-form-urlencoded, in order; bounded.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body);

/// Whose page it is and how they look. Each may be empty.
struct PageBrand {
  std::string name;
  std::string logo_url;  // https, or a path of this program
  std::string color;     // of buttons and links, as CSS writes it; else the pages' own
};

/// The page of a topic and channel that may be ticked.
struct OfferedTopic {
  const Topic* topic = nullptr;
  std::string channel;
  bool on = false;
  bool pending = false;
};

struct PreferencesView {
  std::shared_ptr<const std::vector<Topic>> all_topics;  // keeps what `topics` point at
  PageBrand brand;
  std::string language;  // a page_language
  std::string token;
  std::string address;
  std::vector<OfferedTopic> topics;
  CustomerPreferences wishes;
  Timestamp now;
  std::string notice;  // already in the language; empty: none
  bool problem = false;
};
std::string preferences_page(const PreferencesView& view);

struct SentMessage {
  std::string subject;
  std::string channel;
  Timestamp at;
};

struct OwnDataView {
  PageBrand brand;
  std::string language;
  std::string token;
  Timestamp since;
  std::vector<std::pair<std::string, std::string>> facts;  // identifiers and traits
  std::vector<SentMessage> messages;
  std::vector<ConsentRecord> consents;
};
std::string own_data_page(const OwnDataView& view);

/// A question with one button that posts, or without a button its answer.
struct QuestionView {
  PageBrand brand;
  std::string language;
  std::string title;
  std::string text;
  std::string button;    // empty: none
  std::string link_url;  // empty: none
  std::string link_text;
};
std::string question_page(const QuestionView& view);

/// The kind page for a link that is none.
std::string invalid_link_page(std::string_view language);

/// "25 Nov 2026" as the language writes dates.
std::string page_date(Timestamp at, std::string_view language);

}  // namespace rapport
