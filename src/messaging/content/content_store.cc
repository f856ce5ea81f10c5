#include "messaging/content/content_store.h"

#include <array>

#include "base/error.h"

namespace rapport {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE content_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace BIGINT NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace, kind, name)
);
CREATE INDEX content_items_list ON content_items (workspace, kind, id);
CREATE TABLE content_versions (
  workspace BIGINT NOT NULL,
  item BIGINT NOT NULL,
  number INTEGER NOT NULL,
  author TEXT NOT NULL,
  comment TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (workspace, item, number)
);
CREATE TABLE content_uses (
  workspace BIGINT NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  item BIGINT NOT NULL,
  PRIMARY KEY (workspace, kind, name, item)
);
CREATE INDEX content_uses_item ON content_uses (workspace, item);
CREATE TABLE content_images (
  id TEXT PRIMARY KEY,
  workspace BIGINT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  added_at BIGINT NOT NULL
);
CREATE INDEX content_images_list ON content_images (workspace, added_at, id);
)sql";
constexpr std::array kMigrations{Migration{1, kTables}};

constexpr std::string_view kAdd =
    "INSERT INTO content_items (workspace, kind, name, created_at) VALUES ($1, $2, $3, $4) "
    "RETURNING id";
constexpr std::string_view kRename =
    "UPDATE content_items SET name = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemoveItem =
    "DELETE FROM content_items WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemoveVersions =
    "DELETE FROM content_versions WHERE workspace = $1 AND item = $2";
constexpr std::string_view kRemoveUses =
    "DELETE FROM content_uses WHERE workspace = $1 AND item = $2";
constexpr std::string_view kAddVersion =
    "INSERT INTO content_versions (workspace, item, number, author, comment, saved_at, document) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kTrimVersions =
    "DELETE FROM content_versions WHERE workspace = $1 AND item = $2 AND number <= "
    "(SELECT max(number) FROM content_versions WHERE workspace = $1 AND item = $2) - $3";

#define RAPPORT_LATEST                                                                           \
  "FROM content_items i JOIN content_versions v ON v.workspace = i.workspace AND v.item = i.id " \
  "AND v.number = (SELECT max(number) FROM content_versions WHERE workspace = i.workspace "      \
  "AND item = i.id) "
constexpr std::string_view kFind =
    "SELECT i.id, i.name, i.created_at, v.number, v.author, v.comment, v.saved_at, "
    "v.document " RAPPORT_LATEST "WHERE i.workspace = $1 AND i.kind = $2 AND i.id = $3";
constexpr std::string_view kList =
    "SELECT i.id, i.name, i.created_at, v.number, v.author, v.comment, v.saved_at, "
    "v.document " RAPPORT_LATEST
    "WHERE i.workspace = $1 AND i.kind = $2 AND i.id < $3 ORDER BY i.id DESC "
    "LIMIT $4";
#undef RAPPORT_LATEST
constexpr std::string_view kFindByName =
    "SELECT id FROM content_items WHERE workspace = $1 AND kind = $2 AND name = $3";
constexpr std::string_view kCount = "SELECT count(*) FROM content_items WHERE workspace = $1";

constexpr std::string_view kFindVersion =
    "SELECT number, author, comment, saved_at, document FROM content_versions "
    "WHERE workspace = $1 AND item = $2 AND number = $3";
constexpr std::string_view kFindVersionAt =
    "SELECT number, author, comment, saved_at, document FROM content_versions "
    "WHERE workspace = $1 AND item = $2 "
    "ORDER BY (saved_at <= $3) DESC, CASE WHEN saved_at <= $3 THEN -number ELSE number END "
    "LIMIT 1";
constexpr std::string_view kListVersions =
    "SELECT number, author, comment, saved_at FROM content_versions "
    "WHERE workspace = $1 AND item = $2 AND number < $3 ORDER BY number DESC LIMIT $4";

constexpr std::string_view kAddUse =
    "INSERT INTO content_uses (workspace, kind, name, item) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING";
constexpr std::string_view kListUsers =
    "SELECT i.kind, i.id, i.name FROM content_uses u JOIN content_items i ON i.id = u.item "
    "WHERE u.workspace = $1 AND u.kind = $2 AND u.name = $3 ORDER BY i.id LIMIT $4";

ContentVersion read_version(Statement& row, int first) {
  return {static_cast<uint32_t>(row.integer(first)), std::string(row.text(first + 1)),
          std::string(row.text(first + 2)), row.time(first + 3)};
}

}  // namespace

void migrate_content(StateStore& control) {
  control.migrate("content", kMigrations);
}

namespace content_store {
namespace {

int64_t number_of(ContentKind kind) {
  return static_cast<int64_t>(kind);
}

ContentItem read_item(Statement& row, WorkspaceId workspace, ContentKind kind) {
  ContentItem item;
  item.kind = kind;
  item.workspace = workspace;
  item.id = {row.id(0)};
  item.name = row.text(1);
  item.created_at = row.time(2);
  item.version = read_version(row, 3);
  try {
    item.document = parse_content_document(row.text(7));
  } catch (const Error& error) {
    throw Error(ErrorCode::kCorrupted, "Stored content cannot be read.", error.what());
  }
  return item;
}

StoredVersion read_stored(Statement& row) {
  return {read_version(row, 0), std::string(row.text(4))};
}

}  // namespace

ContentId add(Connection& c, WorkspaceId workspace, ContentKind kind, std::string_view name,
              Timestamp at) {
  return *c.find(
      kAdd, [](Statement& row) { return ContentId{row.id(0)}; }, workspace, number_of(kind), name,
      at);
}

void rename(Connection& c, WorkspaceId workspace, ContentId id, std::string_view name) {
  c.run(kRename, workspace, id, name);
}

void remove(Connection& c, WorkspaceId workspace, ContentId id) {
  c.run(kRemoveVersions, workspace, id);
  c.run(kRemoveUses, workspace, id);
  c.run(kRemoveItem, workspace, id);
}

void add_version(Connection& c, WorkspaceId workspace, ContentId id, const ContentVersion& version,
                 std::string_view document) {
  c.run(kAddVersion, workspace, id, version.number, version.author, version.comment,
        version.saved_at, document);
}

void trim_versions(Connection& c, WorkspaceId workspace, ContentId id, size_t keep) {
  c.run(kTrimVersions, workspace, id, keep);
}

std::optional<ContentItem> find(Connection& c, WorkspaceId workspace, ContentKind kind,
                                ContentId id) {
  return c.find(
      kFind, [&](Statement& row) { return read_item(row, workspace, kind); }, workspace,
      number_of(kind), id);
}

std::optional<ContentId> find_by_name(Connection& c, WorkspaceId workspace, ContentKind kind,
                                      std::string_view name) {
  return c.find(
      kFindByName, [](Statement& row) { return ContentId{row.id(0)}; }, workspace, number_of(kind),
      name);
}

std::vector<ContentItem> list(Connection& c, WorkspaceId workspace, ContentKind kind,
                              ContentId before, size_t limit) {
  std::vector<ContentItem> items;
  c.each(
      kList,
      [&](Statement& row) {
        items.push_back(read_item(row, workspace, kind));
        for (ContentVariant& variant : items.back().document.variants) {
          variant.html.clear();
          variant.text.clear();
          variant.source.clear();
        }
      },
      workspace, number_of(kind), before, limit);
  return items;
}

size_t count(Connection& c, WorkspaceId workspace) {
  return static_cast<size_t>(c.find(
                                  kCount, [](Statement& row) { return row.integer(0); }, workspace)
                                 .value_or(0));
}

std::optional<StoredVersion> find_version(Connection& c, WorkspaceId workspace, ContentId id,
                                          uint32_t number) {
  return c.find(kFindVersion, read_stored, workspace, id, number);
}

std::optional<StoredVersion> find_version_at(Connection& c, WorkspaceId workspace, ContentId id,
                                             Timestamp at) {
  return c.find(kFindVersionAt, read_stored, workspace, id, at);
}

std::vector<ContentVersion> list_versions(Connection& c, WorkspaceId workspace, ContentId id,
                                          uint32_t before, size_t limit) {
  std::vector<ContentVersion> versions;
  c.each(
      kListVersions, [&](Statement& row) { versions.push_back(read_version(row, 0)); }, workspace,
      id, before, limit);
  return versions;
}

void set_uses(Connection& c, WorkspaceId workspace, ContentId id,
              const std::vector<liquid::TemplateUses::PartialName>& uses) {
  c.run(kRemoveUses, workspace, id);
  for (const auto& use : uses) {
    const ContentKind kind =
        use.kind == liquid::PartialKind::kLayout ? ContentKind::kLayout : ContentKind::kBlock;
    c.run(kAddUse, workspace, number_of(kind), use.name, id);
  }
}

std::vector<User> list_users(Connection& c, WorkspaceId workspace, ContentKind kind,
                             std::string_view name, size_t limit) {
  std::vector<User> users;
  c.each(
      kListUsers,
      [&](Statement& row) {
        users.push_back({static_cast<ContentKind>(row.integer(0)), ContentId{row.id(1)},
                         std::string(row.text(2))});
      },
      workspace, number_of(kind), name, limit);
  return users;
}

}  // namespace content_store
}  // namespace rapport
