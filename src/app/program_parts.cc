#include "app/program_parts.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "access/role.h"
#include "customers/customer_routes.h"
#include "messaging/message.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kStopBudget{9'500};

}  // namespace

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double pages_total = 0;
  double pages_resident = 0;
  statm >> pages_total >> pages_resident;
  return pages_resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void StopWatchdog::run() {
  std::unique_lock lock(mutex_);
  if (wake_.wait_for(lock, kStopBudget, [this] { return done_; })) return;
  log_warning("stop_deadline", {{"detail", "ended with messages in flight"}});
  std::_Exit(0);
}

bool caller_may(const Caller& caller, Permission permission) {
  if (caller.user != 0) {
    const auto role = parse_role(caller.role);
    return role && allows(*role, permission);
  }
  const auto scope = parse_scope(caller.role);
  return scope && allows(*scope, permission);
}

ActivityNames activity_names() {
  ActivityNames names;
  names.sent = step_event_name(MessageStep::kSent);
  names.opened = step_event_name(MessageStep::kOpened);
  names.clicked = step_event_name(MessageStep::kClicked);
  for (int step = 0; step < kMessageSteps; ++step) {
    names.all.emplace_back(step_event_name(static_cast<MessageStep>(step)));
  }
  return names;
}

std::vector<std::string> Summaries::summaries(WorkspaceId workspace,
                                              std::span<const CustomerId> customers) const {
  std::vector<std::string> out;
  for (const Customer& customer : reader_.list_by_id(workspace, customers)) {
    out.push_back(customer_summary_json(customer));
  }
  return out;
}

}  // namespace rapport
