#include "access/audit_service.h"

#include <limits>

#include "access/access_schema.h"
#include "base/limits/access.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO audit_trail (workspace, id, at, actor, actor_label, ip, action, subject, detail) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kList =
    "SELECT id, at, actor, actor_label, ip, action, subject, detail FROM audit_trail "
    "WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

}  // namespace

void AuditService::record(Connection& connection, WorkspaceId workspace, const Actor& actor,
                          std::string_view action, std::string_view subject,
                          std::string_view detail) {
  const uint64_t id = next_access_id(connection, "audit");
  connection.run(kInsert, workspace, id, clock_.now(), actor.id, actor.label, actor.ip, action,
                 subject, utf8_prefix(detail, limits::kMaxAuditDetailBytes));
}

void AuditService::record(WorkspaceId workspace, const Actor& actor, std::string_view action,
                          std::string_view subject, std::string_view detail) {
  control_.write([&](Connection& c) { record(c, workspace, actor, action, subject, detail); });
}

std::vector<AuditEntry> AuditService::list(WorkspaceId workspace, std::optional<uint64_t> before,
                                           size_t limit) const {
  std::vector<AuditEntry> entries;
  const int64_t bound =
      before ? static_cast<int64_t>(*before) : std::numeric_limits<int64_t>::max();
  control_.read([&](Connection& c) {
    c.each(
        kList,
        [&](Statement& s) {
          AuditEntry entry;
          entry.id = s.id(0);
          entry.at = s.time(1);
          entry.actor = s.text(2);
          entry.actor_label = s.text(3);
          entry.ip = s.text(4);
          entry.action = s.text(5);
          entry.subject = s.text(6);
          entry.detail = s.text(7);
          entries.push_back(std::move(entry));
        },
        workspace, bound, limit);
  });
  return entries;
}

}  // namespace rapport
