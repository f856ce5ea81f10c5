// Actor: who does something, as the audit trail names them and as ownership rules see them.
//
// A value; made from a request's Caller or, for the command line, by `Actor::system`.
#pragma once

#include <string>

#include "http/message.h"

namespace rapport {

struct Actor {
  std::string id;         // "usr_…", "key_…", or "system"
  std::string label;      // e-mail, key name, or "command line"
  std::string ip;         // empty for the system
  bool is_owner = false;  // may grant, change and remove owners

  /// The person at the machine's console: may do everything.
  static Actor system();
  /// The user or key of a request that was authorised.
  static Actor of(const Request& request, bool is_owner);
};

}  // namespace rapport
