#include "access/settings_service.h"

#include "base/error.h"
#include "base/limits/access.h"
#include "base/text.h"
#include "crypto/secret_box.h"

namespace rapport {
namespace {

constexpr std::string_view kFind =
    "SELECT value, secret, updated_at FROM workspace_settings WHERE workspace = $1 AND name = $2";
constexpr std::string_view kFindSecret =
    "SELECT secret FROM workspace_settings WHERE workspace = $1 AND name = $2";
constexpr std::string_view kPut =
    "INSERT INTO workspace_settings (workspace, name, value, secret, updated_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, name) DO UPDATE SET "
    "value = excluded.value, secret = excluded.secret, updated_at = excluded.updated_at";

std::string context_of(WorkspaceId workspace, std::string_view name) {
  return "workspace setting " + to_public(workspace) + " " + std::string(name);
}

std::optional<std::string> read_sealed(Statement& s) {
  if (s.is_null(0)) return std::nullopt;
  return std::string(s.text(0));
}

}  // namespace

SettingsService::SettingsService(StateStore& control, const Clock& clock, const SecretKey& root,
                                 AuditService& audit)
    : control_(control), clock_(clock), key_(root.derive("workspace settings")), audit_(audit) {}

std::optional<Setting> SettingsService::find(WorkspaceId workspace, std::string_view name) const {
  return control_.read_value([&](Connection& c) {
    return c.find(
        kFind,
        [](Statement& s) {
          return Setting{std::string(s.text(0)), !s.is_null(1), s.time(2)};
        },
        workspace, name);
  });
}

std::optional<std::string> SettingsService::find_secret(WorkspaceId workspace,
                                                        std::string_view name) const {
  const auto sealed = control_.read_value([&](Connection& c) {
    return c.find(kFindSecret, read_sealed, workspace, name).value_or(std::nullopt);
  });
  if (!sealed) return std::nullopt;
  // Text, so that one schema and one statement serve every SQL store.
  const auto box = base64_decode(*sealed);
  if (!box) throw Error(ErrorCode::kCorrupted, "A stored secret cannot be read.");
  return open_secret(key_, *box, context_of(workspace, name));
}

void SettingsService::put(WorkspaceId workspace, std::string_view name, std::string_view json,
                          const SecretChange& secret, const Actor& actor) {
  if (json.size() + secret.secret.size() > limits::kMaxSettingBytes) {
    throw Error(ErrorCode::kPayloadTooLarge, "The setting is too large.");
  }
  std::optional<std::string> sealed;
  if (secret.kind == SecretChange::Kind::kReplace) {
    sealed = base64_encode(seal_secret(key_, secret.secret, context_of(workspace, name)));
  }
  control_.write([&](Connection& c) {
    if (secret.kind == SecretChange::Kind::kKeep) {
      sealed = c.find(kFindSecret, read_sealed, workspace, name).value_or(std::nullopt);
    }
    c.run(kPut, workspace, name, json, sealed, clock_.now());
    audit_.record(c, workspace, actor, "setting.update", name);
  });
}

}  // namespace rapport
