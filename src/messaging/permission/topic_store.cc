#include "messaging/permission/topic_store.h"

#include <array>

#include "base/text.h"
#include "stream/payload.h"

namespace rapport::topic_store {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE topics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace INTEGER NOT NULL,
  name TEXT NOT NULL,
  titles TEXT NOT NULL,
  descriptions TEXT NOT NULL,
  channels TEXT NOT NULL,
  default_consent INTEGER NOT NULL,
  double_opt_in INTEGER NOT NULL,
  message_class INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX topics_workspace ON topics (workspace, id);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

#define RAPPORT_TOPIC_COLUMNS                                                             \
  "id, workspace, name, titles, descriptions, channels, default_consent, double_opt_in, " \
  "message_class, priority, archived, version, created_at, updated_at"

constexpr std::string_view kAdd =
    "INSERT INTO topics (workspace, name, titles, descriptions, channels, default_consent, "
    "double_opt_in, message_class, priority, archived, version, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id";
constexpr std::string_view kFind =
    "SELECT " RAPPORT_TOPIC_COLUMNS " FROM topics WHERE id = $1 AND workspace = $2";
constexpr std::string_view kList =
    "SELECT " RAPPORT_TOPIC_COLUMNS " FROM topics WHERE workspace = $1 ORDER BY id";
constexpr std::string_view kUpdate =
    "UPDATE topics SET name = $3, titles = $4, descriptions = $5, channels = $6, "
    "default_consent = $7, double_opt_in = $8, message_class = $9, archived = $10, version = $11, "
    "updated_at = $12, priority = $13 WHERE id = $1 AND workspace = $2";
#undef RAPPORT_TOPIC_COLUMNS

std::string to_json(const LocalTexts& texts) {
  std::string json = "{";
  for (const auto& [language, text] : texts) {
    if (json.size() > 1) json += ',';
    json += json_quote(language) + ":" + json_quote(text);
  }
  return json + "}";
}

LocalTexts texts_from(std::string_view json) {
  LocalTexts texts;
  Payload payload;
  if (!payload.parse(json)) return texts;
  std::vector<std::string> languages;
  payload.each("", [&](std::string_view name, std::string_view) { languages.emplace_back(name); });
  for (const std::string& language : languages) {
    texts[language] = payload.text(language).value_or("");
  }
  return texts;
}

std::string joined(const std::vector<std::string>& channels) {
  std::string text;
  for (const std::string& channel : channels) text += (text.empty() ? "" : ",") + channel;
  return text;
}

Topic read_topic(Statement& row) {
  Topic topic;
  topic.id = {row.id(0)};
  topic.workspace = {row.id(1)};
  topic.name = row.text(2);
  topic.titles = texts_from(row.text(3));
  topic.descriptions = texts_from(row.text(4));
  topic.channels.clear();
  for (const std::string_view channel : split(row.text(5), ',')) {
    topic.channels.emplace_back(channel);
  }
  topic.default_consent = static_cast<TopicDefault>(row.integer(6));
  topic.double_opt_in = row.integer(7) != 0;
  topic.message_class = static_cast<MessageClass>(row.integer(8));
  topic.priority = row.integer(9);
  topic.archived = row.integer(10) != 0;
  topic.version = row.integer(11);
  topic.created_at = row.time(12);
  topic.updated_at = row.time(13);
  return topic;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

TopicId add(Connection& c, const Topic& t) {
  return *c.find(
      kAdd, [](Statement& row) { return TopicId{row.id(0)}; }, t.workspace, t.name,
      to_json(t.titles), to_json(t.descriptions), joined(t.channels),
      static_cast<int64_t>(t.default_consent), t.double_opt_in,
      static_cast<int64_t>(t.message_class), t.priority, t.archived, t.version, t.created_at,
      t.updated_at);
}

std::optional<Topic> find(Connection& c, WorkspaceId workspace, TopicId id) {
  return c.find(kFind, read_topic, id, workspace);
}

std::vector<Topic> list(Connection& c, WorkspaceId workspace) {
  std::vector<Topic> topics;
  c.each(
      kList, [&](Statement& row) { topics.push_back(read_topic(row)); }, workspace);
  return topics;
}

void update(Connection& c, const Topic& t) {
  c.run(kUpdate, t.id, t.workspace, t.name, to_json(t.titles), to_json(t.descriptions),
        joined(t.channels), static_cast<int64_t>(t.default_consent), t.double_opt_in,
        static_cast<int64_t>(t.message_class), t.archived, t.version, t.updated_at, t.priority);
}

}  // namespace rapport::topic_store
