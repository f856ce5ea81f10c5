#include "access/access_schema.h"

#include <array>

#include "base/error.h"

namespace rapport {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE access_counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
CREATE TABLE workspaces (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  time_zone TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE users (
  workspace BIGINT NOT NULL REFERENCES workspaces(id),
  id BIGINT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_sign_in_at BIGINT,
  PRIMARY KEY (workspace, id),
  UNIQUE (workspace, email)
);
CREATE INDEX users_email ON users (email, id);
CREATE TABLE sessions (
  workspace BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  user_agent TEXT NOT NULL,
  ip TEXT NOT NULL,
  PRIMARY KEY (workspace, user_id, id)
);
CREATE TABLE api_keys (
  workspace BIGINT NOT NULL REFERENCES workspaces(id),
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  prefix TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  acts_as_owner BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (workspace, id)
);
CREATE TABLE sign_in_attempts (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_last ON sign_in_attempts (last_at);
CREATE TABLE workspace_settings (
  workspace BIGINT NOT NULL REFERENCES workspaces(id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  secret TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace, name)
);
CREATE TABLE audit_trail (
  workspace BIGINT NOT NULL,
  id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_label TEXT NOT NULL,
  ip TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
);
)sql";

constexpr std::string_view kLanguagesAndCurrency = R"sql(
ALTER TABLE workspaces ADD COLUMN currency TEXT NOT NULL DEFAULT 'USD';
ALTER TABLE workspaces ADD COLUMN languages TEXT NOT NULL DEFAULT 'en';
)sql";

constexpr std::string_view kNextId =
    "INSERT INTO access_counters (name, value) VALUES ($1, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = access_counters.value + 1 RETURNING value";

}  // namespace

void migrate_access(StateStore& control) {
  static constexpr std::array kMigrations{Migration{1, kTables},
                                          Migration{2, kLanguagesAndCurrency}};
  control.migrate("access", kMigrations);
}

uint64_t next_access_id(Connection& connection, std::string_view series) {
  const auto id = connection.find(
      kNextId, [](Statement& s) { return s.id(0); }, series);
  ENSURE(id.has_value());
  return *id;
}

}  // namespace rapport
