#include "messaging/campaign_launcher.h"

#include "base/error.h"
#include "messaging/campaign_store.h"
#include "messaging/message.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr size_t kQueueBatch = 1'000;
constexpr std::chrono::seconds kRetry{2};
constexpr std::chrono::seconds kCatchUpDeadline{600};

}  // namespace

CampaignLauncher::CampaignLauncher(StateStore& control, const EventLog& log, LogWriter& writer,
                                   Projector& projector, AudienceSource audience,
                                   const Clock& clock)
    : control_(control),
      log_(log),
      writer_(writer),
      projector_(projector),
      audience_(std::move(audience)),
      clock_(clock) {}

CampaignLauncher::~CampaignLauncher() {
  stop();
}

void CampaignLauncher::start() {
  thread_ = std::thread([this] { run(); });
}

void CampaignLauncher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CampaignLauncher::notify() {
  {
    const std::lock_guard lock(mutex_);
    notified_ = true;
  }
  wake_.notify_all();
}

bool CampaignLauncher::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void CampaignLauncher::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || notified_; });
      if (stopping_) return;
      notified_ = false;
    }
    if (launch_all() || stopping()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kRetry, [this] { return stopping_; });
    notified_ = true;
  }
}

bool CampaignLauncher::launch_all() {
  std::vector<Campaign> campaigns;
  try {
    control_.read([&](Connection& c) { campaigns = campaign_store::list_starting(c); });
  } catch (const std::exception& error) {
    log_error("campaigns_not_read", {{"error", error.what()}});
    return false;
  }
  bool all = true;
  for (const Campaign& campaign : campaigns) {
    try {
      launch(campaign);
    } catch (const std::exception& error) {
      all = false;
      if (stopping()) return all;
      log_error("campaign_launch_failed",
                {{"campaign", to_public(campaign.id)}, {"error", error.what()}});
    }
  }
  return all;
}

void CampaignLauncher::launch(const Campaign& campaign) {
  if (!campaign.audience) fix_audience(campaign);
  queue_messages(campaign);
  if (stopping()) return;
  control_.write([&](Connection& c) { campaign_store::mark_sending(c, campaign.id); });
}

void CampaignLauncher::fix_audience(const Campaign& campaign) {
  // What was acknowledged before the start belongs to the question, so it has to be applied first.
  if (!projector_.wait_applied(log_.end(), kCatchUpDeadline)) {
    throw Error(ErrorCode::kUnavailable, "The projections are behind");
  }
  const std::vector<CustomerId> members =
      audience_(campaign.workspace, campaign.segment, campaign.started_at.value_or(clock_.now()));
  control_.write([&](Connection& c) { campaign_store::fix_audience(c, campaign.id, members); });
}

void CampaignLauncher::queue_messages(const Campaign& campaign) {
  CustomerId after{};
  while (!stopping()) {
    std::vector<CustomerId> customers;
    control_.read([&](Connection& c) {
      customers = campaign_store::list_audience(c, campaign.id, after, kQueueBatch);
    });
    if (customers.empty()) return;
    std::vector<NewEvent> events;
    events.reserve(customers.size());
    for (const CustomerId customer : customers) {
      MessageFact fact;
      fact.workspace = campaign.workspace;
      fact.customer = customer;
      fact.campaign = campaign.id;
      fact.channel = campaign.channel;
      events.push_back(make_step_event(MessageStep::kQueued, fact, clock_.now()));
    }
    writer_.append(std::move(events));
    after = customers.back();
  }
}

}  // namespace rapport
