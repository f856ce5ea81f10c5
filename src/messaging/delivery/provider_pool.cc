#include "messaging/delivery/provider_pool.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr Millis kBusyWait{50};
constexpr Millis kWarmUpWait{60'000};
constexpr int64_t kWarmUpFlush = 20;  // messages that a crash may forget

bool is_within(std::string_view domain, std::string_view parent) {
  return domain == parent || (domain.size() > parent.size() && domain.ends_with(parent) &&
                              domain[domain.size() - parent.size() - 1] == '.');
}

}  // namespace

struct ProviderPool::Runtime {
  struct DomainState {
    DomainThrottle limit;
    RateGate rate;
    int64_t in_use = 0;
  };

  Runtime(const MailProvider& p, ProviderService& owner)
      : provider(p), service(owner), rate(p.per_minute) {
    for (const DomainThrottle& d : p.domains) domains.push_back({d, RateGate(d.per_minute), 0});
  }
  ~Runtime() { flush(); }

  DomainState* domain_of(std::string_view domain) {
    for (DomainState& d : domains) {
      if (is_within(domain, d.limit.domain)) return &d;
    }
    return nullptr;
  }

  /// Zero: takes the message, counted everywhere. Under the group's lock.
  Millis admit(std::string_view domain, Timestamp wall, SteadyTime now) {
    DomainState* state = domain_of(domain);
    if (in_use >= provider.connections ||
        (state && state->limit.connections > 0 && state->in_use >= state->limit.connections)) {
      return kBusyWait;
    }
    if (!warm_up_left(wall)) return kWarmUpWait;
    if (const Millis wait = breaker.ask(now); wait.count() > 0) return wait;
    if (const Millis wait = state ? state->rate.ask(now) : Millis(0); wait.count() > 0) {
      breaker.give_back();
      return wait;
    }
    if (const Millis wait = rate.ask(now); wait.count() > 0) {
      breaker.give_back();
      if (state) state->rate.give_back();
      return wait;
    }
    ++in_use;
    if (state) ++state->in_use;
    if (provider.warm_up) ++sent_today;
    return Millis(0);
  }

  bool warm_up_left(Timestamp wall) {
    if (!provider.warm_up) return true;
    const int64_t today = day_of(wall);
    if (today != day) {
      flush();
      day = today;
      sent_today = flushed = service.sent_on(provider.id, day);
    }
    const auto allowance = warm_up_allowance(*provider.warm_up, wall);
    return !allowance || sent_today < *allowance;
  }

  void flush() {
    if (sent_today == flushed) return;
    try {
      service.add_sent(provider.id, day, sent_today - flushed);
      flushed = sent_today;
    } catch (const std::exception& error) {
      log_error("warm_up_not_counted", {{"error", error.what()}});
    }
  }

  void release(std::string_view domain, bool sent) {
    --in_use;
    if (DomainState* state = domain_of(domain)) --state->in_use;
    if (!provider.warm_up) return;
    if (!sent) --sent_today;
    if (sent_today - flushed >= kWarmUpFlush) flush();
  }

  const MailProvider provider;
  ProviderService& service;
  Breaker breaker;
  RateGate rate;
  std::vector<DomainState> domains;
  std::vector<std::unique_ptr<SmtpClient>> idle;
  int64_t in_use = 0;
  int64_t credit = 0;  // smooth weighted round robin
  int64_t day = -1;
  int64_t sent_today = 0;
  int64_t flushed = 0;
};

struct ProviderPool::Group {
  uint64_t version = 0;
  std::mutex mutex;
  std::vector<std::shared_ptr<Runtime>> runtimes;  // by priority
};

ProviderPool::Lease::Lease(std::shared_ptr<Group> group, std::shared_ptr<Runtime> runtime,
                           std::unique_ptr<SmtpClient> client, std::string domain)
    : group_(std::move(group)),
      runtime_(std::move(runtime)),
      client_(std::move(client)),
      domain_(std::move(domain)) {}

ProviderPool::Lease::Lease(Lease&& other) noexcept
    : group_(std::move(other.group_)),
      runtime_(std::move(other.runtime_)),
      client_(std::move(other.client_)),
      domain_(std::move(other.domain_)),
      used_(other.used_) {}

ProviderPool::Lease& ProviderPool::Lease::operator=(Lease&& other) noexcept {
  end();
  group_ = std::move(other.group_);
  runtime_ = std::move(other.runtime_);
  client_ = std::move(other.client_);
  domain_ = std::move(other.domain_);
  used_ = other.used_;
  return *this;
}

ProviderPool::Lease::~Lease() {
  end();
}

void ProviderPool::Lease::end() {
  if (!runtime_) return;
  const std::lock_guard lock(group_->mutex);
  if (!used_) runtime_->breaker.give_back();
  runtime_->release(domain_, used_);
  if (client_) runtime_->idle.push_back(std::move(client_));
  runtime_.reset();
}

const MailProvider& ProviderPool::Lease::provider() const {
  return runtime_->provider;
}

ProviderPool::ProviderPool(ProviderService& providers, const Clock& clock)
    : providers_(providers), clock_(clock) {}
ProviderPool::~ProviderPool() = default;

std::shared_ptr<ProviderPool::Group> ProviderPool::group_of(WorkspaceId workspace) {
  const auto active = providers_.active(workspace);
  const std::lock_guard lock(mutex_);
  auto& group = groups_[workspace];
  if (!group || group->version < active->version) {
    group = std::make_shared<Group>();
    group->version = active->version;
    for (const MailProvider& provider : active->providers) {
      group->runtimes.push_back(std::make_shared<Runtime>(provider, providers_));
    }
  }
  return group;
}

ProviderPool::Admission ProviderPool::admit(WorkspaceId workspace,
                                            std::string_view recipient_domain) {
  return admit_except(group_of(workspace), recipient_domain, {});
}

ProviderPool::Admission ProviderPool::admit_except(const std::shared_ptr<Group>& group,
                                                   std::string_view domain,
                                                   const std::set<const Runtime*>& tried) {
  Admission admission;
  admission.wait = kWarmUpWait;
  const std::lock_guard lock(group->mutex);
  auto& all = group->runtimes;
  for (size_t first = 0; first < all.size();) {
    size_t last = first;
    while (last < all.size() && all[last]->provider.priority == all[first]->provider.priority) {
      ++last;
    }
    std::vector<std::shared_ptr<Runtime>> order(all.begin() + static_cast<ptrdiff_t>(first),
                                                all.begin() + static_cast<ptrdiff_t>(last));
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return a->credit + a->provider.weight > b->credit + b->provider.weight;
    });
    for (const auto& runtime : order) {
      if (tried.count(runtime.get()) > 0) continue;
      const Millis wait = runtime->admit(domain, clock_.now(), clock_.steady());
      if (wait.count() > 0) {
        admission.wait = std::min(admission.wait, wait);
        continue;
      }
      int64_t total = 0;
      for (const auto& one : order) {
        one->credit += one->provider.weight;
        total += one->provider.weight;
      }
      runtime->credit -= total;
      std::unique_ptr<SmtpClient> client;
      if (!runtime->idle.empty()) {
        client = std::move(runtime->idle.back());
        runtime->idle.pop_back();
      } else if (!runtime->provider.sandbox) {
        client = std::make_unique<SmtpClient>(runtime->provider.smtp);
      }
      admission.lease = Lease(group, runtime, std::move(client), std::string(domain));
      return admission;
    }
    first = last;
  }
  return admission;
}

void ProviderPool::settle(Lease& lease, const SmtpOutcome& outcome) {
  Runtime& runtime = *lease.runtime_;
  const bool trouble = outcome.is_provider_trouble();
  bool opened = false;
  {
    const std::lock_guard lock(lease.group_->mutex);
    lease.used_ = true;
    const bool before = runtime.breaker.is_open();
    if (trouble) {
      runtime.breaker.failed(clock_.steady());
    } else {
      runtime.breaker.succeeded();
    }
    opened = !before && runtime.breaker.is_open();
  }
  if (opened) {
    log_warning("provider_rests", {{"provider", runtime.provider.name}, {"reason", outcome.text}});
  }
}

SmtpOutcome ProviderPool::send(Lease lease, const std::string& envelope_from,
                               const std::string& recipient, std::string_view wire,
                               std::string& used) {
  std::set<const Runtime*> tried;
  while (true) {
    used = lease.runtime_->provider.name;
    SmtpOutcome outcome = lease.client_->send(envelope_from, recipient, wire);
    settle(lease, outcome);
    // Once the data went out it may have been taken: another provider would send it twice.
    if (!outcome.is_provider_trouble() || outcome.phase >= SmtpPhase::kDot) return outcome;
    tried.insert(lease.runtime_.get());
    Admission next = admit_except(lease.group_, lease.domain_, tried);
    if (!next.lease || next.lease.provider().sandbox) return outcome;
    lease = std::move(next.lease);
  }
}

void ProviderPool::settle_sandbox(Lease lease) {
  SmtpOutcome outcome;
  outcome.status = SmtpStatus::kAccepted;
  settle(lease, outcome);
}

}  // namespace rapport
