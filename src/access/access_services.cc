#include "access/access_services.h"

#include "access/access_schema.h"

namespace rapport {
namespace {

/// The services read their tables as soon as they exist.
StateStore& migrated(StateStore& control) {
  migrate_access(control);
  return control;
}

}  // namespace

AccessServices::AccessServices(StateStore& control, const Clock& clock, const SecretKey& root)
    : audit(migrated(control), clock),
      throttle(control, clock),
      keys(control, clock, audit),
      sessions(control, clock, audit),
      users(control, clock, passwords, throttle, audit),
      workspaces(control, clock, passwords, keys, audit),
      settings(control, clock, root, audit),
      authoriser(keys, sessions) {}

void AccessServices::maintain() {
  keys.flush();
  sessions.flush();
  throttle.prune();
}

Actor AccessServices::actor(const Request& request) {
  const Caller& caller = request.caller;
  bool is_owner = false;
  if (caller.user != 0) {
    is_owner = caller.role == role_name(Role::kOwner);
  } else if (caller.api_key != 0) {
    const auto key = keys.find_by_id(WorkspaceId{caller.workspace}, KeyId{caller.api_key});
    is_owner = key && key->acts_as_owner && key->scope == Scope::kAdmin;
  }
  return Actor::of(request, is_owner);
}

}  // namespace rapport
