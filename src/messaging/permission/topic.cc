#include "messaging/permission/topic.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/limits/permission.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 2> kClasses{"marketing", "transactional"};
constexpr std::array<std::string_view, 2> kDefaults{"opt_in", "opt_out"};
constexpr std::array<std::string_view, 4> kLanguages{"en", "zh-Hans", "zh-Hant", "vi"};
constexpr size_t kMaxChannels = 10;
constexpr size_t kMaxChannelBytes = 32;

template <class Enum, size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::string_view text_in(const LocalTexts& texts, std::string_view language) {
  for (const std::string_view tag : {language, std::string_view("en")}) {
    const auto found = texts.find(std::string(tag));
    if (found != texts.end() && !found->second.empty()) return found->second;
  }
  return {};
}

void check_texts(const LocalTexts& texts, const std::string& field, size_t max_bytes) {
  for (const auto& [language, text] : texts) {
    const std::string place = field + "." + language;
    if (std::find(kLanguages.begin(), kLanguages.end(), language) == kLanguages.end()) {
      throw Error::invalid(place, "the languages are en, zh-Hans, zh-Hant and vi");
    }
    if (text.size() > max_bytes) {
      throw Error::invalid(place,
                           "must be a text of up to " + std::to_string(max_bytes) + " bytes");
    }
  }
}

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxChannelBytes &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::string_view message_class_name(MessageClass value) {
  return kClasses.at(static_cast<size_t>(value));
}
std::optional<MessageClass> parse_message_class(std::string_view name) {
  return parse<MessageClass>(kClasses, name);
}
std::string_view topic_default_name(TopicDefault value) {
  return kDefaults.at(static_cast<size_t>(value));
}
std::optional<TopicDefault> parse_topic_default(std::string_view name) {
  return parse<TopicDefault>(kDefaults, name);
}

std::string_view Topic::title(std::string_view language) const {
  const std::string_view text = text_in(titles, language);
  return text.empty() ? std::string_view(name) : text;
}

std::string_view Topic::description(std::string_view language) const {
  return text_in(descriptions, language);
}

bool Topic::on_channel(std::string_view channel) const {
  return std::find(channels.begin(), channels.end(), channel) != channels.end();
}

std::string_view page_language(std::string_view tag) {
  const std::string text = to_lower_ascii(trim(tag));
  const auto is = [&](std::string_view language) {
    return text == language || text.starts_with(std::string(language) + "-") ||
           text.starts_with(std::string(language) + "_");
  };
  if (is("vi")) return "vi";
  if (is("zh")) {
    for (const std::string_view part : {"hant", "tw", "hk", "mo"}) {
      if (text.find(part) != std::string::npos) return "zh-Hant";
    }
    return "zh-Hans";
  }
  return "en";
}

void check_topic(const Topic& topic) {
  if (trim(topic.name).empty() || topic.name.size() > limits::kMaxTopicNameBytes) {
    throw Error::invalid("name", "must be a name of up to 200 bytes");
  }
  check_texts(topic.titles, "titles", limits::kMaxTopicNameBytes);
  check_texts(topic.descriptions, "descriptions", limits::kMaxTopicDescriptionBytes);
  if (topic.channels.empty() || topic.channels.size() > kMaxChannels) {
    throw Error::invalid("channels", "must name from 1 to 10 channels");
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < topic.channels.size(); ++i) {
    const std::string place = "channels[" + std::to_string(i) + "]";
    if (!is_channel_name(topic.channels[i])) throw Error::invalid(place, "is not a channel");
    if (!seen.insert(topic.channels[i]).second) throw Error::invalid(place, "is there twice");
  }
  if (topic.priority < 0 || topic.priority > 100) {
    throw Error::invalid("priority", "must be from 0 to 100");
  }
  if (topic.double_opt_in && topic.default_consent == TopicDefault::kOptOut) {
    throw Error::invalid("double_opt_in",
                         "needs default_consent opt_in: there is nothing to agree");
  }
  if (topic.message_class == MessageClass::kTransactional && topic.double_opt_in) {
    throw Error::invalid("double_opt_in", "is not for transactional topics: they need no consent");
  }
}

}  // namespace rapport
