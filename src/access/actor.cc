#include "access/actor.h"

#include "base/ids.h"

namespace rapport {

Actor Actor::system() {
  return {"system", "command line", "", true};
}

Actor Actor::of(const Request& request, bool is_owner) {
  const Caller& caller = request.caller;
  Actor actor{"", caller.label, request.remote_ip, is_owner};
  if (caller.user != 0) {
    actor.id = to_public(UserId{caller.user});
  } else if (caller.api_key != 0) {
    actor.id = to_public(KeyId{caller.api_key});
  }
  return actor;
}

}  // namespace rapport
