// ProviderPool: the connections to each provider, and which of them takes the next message.
//
// `admit` picks a provider that may take a message to this recipient now: by priority, then in
// proportion to weight, passing over those whose breaker is open, whose connections are all busy,
// or whose rate, domain throttle or warm-up allowance is used up. It gives a lease on one
// connection, or how long to wait. `send` uses the lease; when the provider turns out to be down
// before the message was handed over, the next one gets it. A change of settings makes connections
// and counters anew. Thread-safe; a lease belongs to one thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "mail/smtp_client.h"
#include "messaging/delivery/provider_service.h"
#include "runtime/clock.h"

namespace rapport {

class ProviderPool {
 public:
  ProviderPool(ProviderService& providers, const Clock& clock);
  ~ProviderPool();

  struct Runtime;  // one provider's connections and gates
  struct Group;    // those of one workspace

  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<Group> group, std::shared_ptr<Runtime> runtime,
          std::unique_ptr<SmtpClient> client, std::string domain);
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();
    explicit operator bool() const { return runtime_ != nullptr; }
    const MailProvider& provider() const;

   private:
    friend class ProviderPool;
    void end();

    std::shared_ptr<Group> group_;
    std::shared_ptr<Runtime> runtime_;
    std::unique_ptr<SmtpClient> client_;
    std::string domain_;
    bool used_ = false;
  };

  struct Admission {
    Lease lease;
    Millis wait{0};  // without a lease: ask again then
  };

  Admission admit(WorkspaceId workspace, std::string_view recipient_domain);
  /// Not for a sandbox. `used` gets the name of the provider that answered.
  SmtpOutcome send(Lease lease, const std::string& envelope_from, const std::string& recipient,
                   std::string_view wire, std::string& used);
  /// A message went to the sandbox: counts like one that was sent.
  void settle_sandbox(Lease lease);

 private:
  std::shared_ptr<Group> group_of(WorkspaceId workspace);
  Admission admit_except(const std::shared_ptr<Group>& group, std::string_view domain,
                         const std::set<const Runtime*>& tried);
  void settle(Lease& lease, const SmtpOutcome& outcome);

  ProviderService& providers_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<WorkspaceId, std::shared_ptr<Group>> groups_;
};

}  // namespace rapport
