#include "messaging/campaign_launcher.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/text.h"
#include "messaging/campaigns/campaign_json.h"
#include "messaging/campaigns/recurrence.h"
#include "runtime/log.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kRetry{2'000};
constexpr std::chrono::milliseconds kLongestWait{60'000};
constexpr std::chrono::seconds kCatchUpDeadline{600};
constexpr size_t kBlocksAtOnce = 16;  // then the projector catches up, and others have their turn
constexpr size_t kFirstBlock = 100;   // the first messages do not wait for a thousand
constexpr std::chrono::hours kEasternmost{14};

void add_sorted(std::vector<CustomerId>& all, std::vector<CustomerId> more) {
  all.insert(all.end(), more.begin(), more.end());
}

void sort_unique(std::vector<CustomerId>& customers) {
  std::sort(customers.begin(), customers.end());
  customers.erase(std::unique(customers.begin(), customers.end()), customers.end());
}

std::vector<CustomerId> without(const std::vector<CustomerId>& all,
                                const std::vector<CustomerId>& excluded) {
  std::vector<CustomerId> left;
  left.reserve(all.size());
  std::set_difference(all.begin(), all.end(), excluded.begin(), excluded.end(),
                      std::back_inserter(left));
  return left;
}

bool ended(const Campaign& campaign, Timestamp now) {
  return campaign.plan.schedule.ends_at && *campaign.plan.schedule.ends_at <= now;
}

}  // namespace

Timestamp earliest_local(std::chrono::local_time<Micros> local) {
  return Timestamp(local.time_since_epoch()) - kEasternmost;
}

CampaignLauncher::CampaignLauncher(StateStore& control, const EventLog& log, LogWriter& writer,
                                   Projector& projector, LauncherPorts ports, const Clock& clock)
    : control_(control),
      log_(log),
      writer_(writer),
      projector_(projector),
      ports_(std::move(ports)),
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
  std::chrono::milliseconds wait{0};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, wait, [this] { return stopping_ || notified_; });
      if (stopping_) return;
      notified_ = false;
    }
    try {
      wait = step() ? until_next() : kRetry;
    } catch (const std::exception& error) {
      log_error("campaigns_not_read", {{"error", error.what()}});
      wait = kRetry;
    }
  }
}

// A wall clock may be set, so no wait is long.
std::chrono::milliseconds CampaignLauncher::until_next() const {
  const auto due = control_.read_value([](Connection& c) { return campaign_store::next_due(c); });
  auto wait = kLongestWait;
  if (!looked_at_.empty()) wait = limits::kCampaignLookEvery;
  if (!due) return wait;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - clock_.now());
  return std::clamp(left, std::chrono::milliseconds(1), wait);
}

bool CampaignLauncher::step() {
  const auto campaigns =
      control_.read_value([](Connection& c) { return campaign_store::list_open(c); });
  looked_at_.clear();
  bool all = true;
  for (const Campaign& campaign : campaigns) {
    try {
      if (!stopping()) advance(campaign);
    } catch (const std::exception& error) {
      all = false;
      if (stopping()) return all;
      log_error("campaign_launch_failed",
                {{"campaign", to_public(campaign.id)}, {"error", error.what()}});
    }
  }
  return all;
}

bool CampaignLauncher::is_paused(const Campaign& campaign) const {
  const auto now = control_.read_value(
      [&](Connection& c) { return campaign_store::find(c, campaign.workspace, campaign.id); });
  return now && now->status == CampaignStatus::kPaused;
}

void CampaignLauncher::advance(const Campaign& campaign) {
  const auto waiting = [&] {
    return control_.read_value(
        [&](Connection& c) { return campaign_store::list_waiting_runs(c, campaign.id); });
  };
  const bool cancelled = campaign.status == CampaignStatus::kCancelled;
  for (auto runs = waiting(); !runs.empty(); runs = waiting()) {
    CampaignRun run = runs.front();
    if (run.state == RunState::kPlanned && cancelled) {
      control_.write([&](Connection& c) {
        campaign_store::set_run_state(c, campaign.id, run.run, RunState::kMissed);
      });
    } else if (run.state == RunState::kPlanned) {
      if (run.due_at > clock_.now()) break;
      if (campaign.plan.kind == CampaignKind::kRecurring && !settle_occurrence(campaign, run)) {
        continue;
      }
      fix_audience(campaign, run, false);
    } else {
      announce(campaign, run);
      if (!queue_blocks(campaign, run)) return;
    }
  }
  if (cancelled) {
    return control_.write([&](Connection& c) { campaign_store::close(c, campaign.id); });
  }
  const auto runs =
      control_.read_value([&](Connection& c) { return campaign_store::list_runs(c, campaign.id); });
  if (!runs.empty() && runs.back().state == RunState::kPlanned) return;
  bool over = true;
  if (campaign.plan.audience.evergreen && !runs.empty()) {
    absorb_new_members(campaign, runs.back());
    over = ended(campaign, clock_.now());
  }
  const auto started = runs.empty() ? campaign.started_at : runs.back().started_at;
  const bool decided = decide(campaign, started.value_or(clock_.now()));
  if (over && decided) {
    control_.write([&](Connection& c) { campaign_store::close(c, campaign.id); });
  } else {
    looked_at_[campaign.id] = clock_.now();
  }
}

// Plans the occurrence after this one and says whether this one is run.
bool CampaignLauncher::settle_occurrence(const Campaign& campaign, const CampaignRun& run) {
  const Timestamp now = clock_.now();
  const Schedule& schedule = campaign.plan.schedule;
  const Recurrence rule = Recurrence::parse(schedule.rule, "schedule.rule");
  const TimeZone& local =
      zone(ports_.workspace_zone ? ports_.workspace_zone(campaign.workspace) : "UTC");
  const Timestamp origin = schedule.starts_at.value_or(campaign.started_at.value_or(now));
  auto next = rule.next(origin, run.due_at, local);
  if (next && schedule.ends_at && *next >= *schedule.ends_at) next.reset();
  return control_.write_value([&](Connection& c) {
    const auto resumed = campaign_store::resumed_at(c, campaign.id);
    const bool missed = (next && *next <= now) || (resumed && run.due_at <= *resumed) ||
                        now - run.due_at > limits::kMaxRunLateness;
    const auto runs = campaign_store::list_runs(c, campaign.id);
    if (next && runs.back().run == run.run) {
      CampaignRun following;
      following.campaign = campaign.id;
      following.workspace = campaign.workspace;
      following.run = run.run + 1;
      following.due_at = *next;
      campaign_store::add_run(c, following);
    }
    if (missed) campaign_store::set_run_state(c, campaign.id, run.run, RunState::kMissed);
    return !missed;
  });
}

std::vector<CustomerId> CampaignLauncher::find_audience(const Campaign& campaign) const {
  const AudienceSpec& spec = campaign.plan.audience;
  const Timestamp as_of = clock_.now();
  std::vector<CustomerId> customers;
  std::vector<CustomerId> excluded;
  for (const SegmentId s : spec.segments) {
    add_sorted(customers, ports_.segment(campaign.workspace, s, as_of));
  }
  for (const std::string& list : spec.lists) {
    add_sorted(customers, ports_.list(campaign.workspace, list));
  }
  if (campaign.plan.resend_of) {
    add_sorted(customers, ports_.not_opened(campaign.workspace, *campaign.plan.resend_of));
  }
  for (const SegmentId s : spec.exclude_segments) {
    add_sorted(excluded, ports_.segment(campaign.workspace, s, as_of));
  }
  for (const std::string& list : spec.exclude_lists) {
    add_sorted(excluded, ports_.list(campaign.workspace, list));
  }
  sort_unique(customers);
  sort_unique(excluded);
  return excluded.empty() ? customers : without(customers, excluded);
}

void CampaignLauncher::fix_audience(const Campaign& campaign, const CampaignRun& run,
                                    bool additions) {
  // What was acknowledged before belongs to the question, so it has to be applied first.
  if (!projector_.wait_applied(log_.end(), kCatchUpDeadline)) {
    throw Error(ErrorCode::kUnavailable, "The projections are behind");
  }
  std::vector<CustomerId> customers = find_audience(campaign);
  if (additions) {
    customers = without(customers, control_.read_value([&](Connection& c) {
      return campaign_store::list_recipients(c, campaign.id);
    }));
    if (customers.empty()) return;
  }
  if (customers.size() > limits::kMaxAudience) {
    throw Error(ErrorCode::kInvalidArgument, "The audience is too large");
  }
  const std::vector<LedgerBlock> blocks = make_blocks(campaign, run, customers);
  control_.write([&](Connection& c) {
    campaign_store::add_blocks(c, run, blocks, clock_.now());
    if (blocks.empty()) campaign_store::set_queued(c, run, 0);
  });
}

std::vector<std::pair<Timestamp, bool>> CampaignLauncher::due_times(
    const Campaign& campaign, const CampaignRun& run, const std::vector<CustomerId>& customers) {
  const Timestamp now = clock_.now();
  const Schedule& schedule = campaign.plan.schedule;
  std::vector<std::pair<Timestamp, bool>> times(customers.size(),
                                                {std::max(run.due_at, now), false});
  if (schedule.local_time.empty()) return times;
  const auto local = *parse_local_time(schedule.local_time);
  const auto zones = ports_.zones
                         ? ports_.zones(campaign.workspace, customers)
                         : std::vector(customers.size(), std::make_shared<const TimeZone>());
  std::unordered_map<const TimeZone*, std::pair<Timestamp, bool>> by_zone;
  for (size_t i = 0; i < customers.size(); ++i) {
    const auto [it, fresh] = by_zone.try_emplace(zones[i].get());
    if (fresh) {
      const TimeZone& tz = *zones[i];
      Timestamp due = tz.to_utc(local);
      bool skip = false;
      if (due < now && schedule.when_passed == PassedHour::kSendNow) due = now;
      if (due < now && schedule.when_passed == PassedHour::kSkip) skip = true;
      for (int64_t day = 1; due < now && !skip; ++day) {
        due = tz.to_utc(local + std::chrono::days(day));
      }
      it->second = {due, skip};
    }
    times[i] = it->second;
  }
  return times;
}

std::vector<LedgerBlock> CampaignLauncher::make_blocks(const Campaign& campaign,
                                                       const CampaignRun& run,
                                                       const std::vector<CustomerId>& customers) {
  const auto times = due_times(campaign, run, customers);
  const int64_t holdout = ports_.holdout_percent && !campaign.plan.transactional
                              ? ports_.holdout_percent(campaign.workspace)
                              : 0;
  std::map<Timestamp, std::vector<LedgerEntry>> by_time;
  for (size_t i = 0; i < customers.size(); ++i) {
    uint8_t variant = assign_variant(campaign, customers[i]);
    if (in_holdout(campaign.workspace, customers[i], holdout)) variant = kHoldoutVariant;
    if (times[i].second) variant = kHourPassedVariant;
    by_time[times[i].first].push_back({customers[i], variant});
  }
  std::vector<LedgerBlock> blocks;
  for (auto& [due, entries] : by_time) {
    for (size_t from = 0; from < entries.size();) {
      const size_t most = blocks.empty() ? kFirstBlock : limits::kLedgerBlock;
      const size_t size = std::min(most, entries.size() - from);
      LedgerBlock block;
      block.workspace = campaign.workspace;
      block.campaign = campaign.id;
      block.run = run.run;
      block.due_at = due;
      block.channel = campaign.channel;
      const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(from);
      block.recipients.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
      blocks.push_back(std::move(block));
      from += size;
    }
    entries = {};
  }
  return blocks;
}

// The log says what the campaign counts as its goal before it has recipients.
void CampaignLauncher::announce(const Campaign& campaign, const CampaignRun& run) {
  if (run.queued > 0) return;
  std::vector<NewEvent> events;
  events.push_back(make_started_event(campaign, run.run, clock_.now()));
  writer_.append(std::move(events));
}

bool CampaignLauncher::queue_blocks(const Campaign& campaign, CampaignRun run) {
  Offset last = 0;  // of the blocks before these: the projector stays at most one step behind
  while (run.queued < run.blocks) {
    if (stopping() || is_paused(campaign)) return false;
    const size_t many = run.queued == 0 ? 1 : kBlocksAtOnce;
    std::vector<NewEvent> events;
    control_.read([&](Connection& c) {
      for (size_t i = run.queued; i < std::min(run.blocks, run.queued + many); ++i) {
        auto block = campaign_store::find_block(c, run, i);
        ENSURE(block.has_value());
        block->channel = campaign.channel;
        events.push_back(make_block_event(*block, i, clock_.now()));
      }
    });
    run.queued += events.size();
    const AppendResult result = writer_.append(std::move(events));
    control_.write([&](Connection& c) { campaign_store::set_queued(c, run, run.queued); });
    projector_.wait_applied(last, kCatchUpDeadline);
    last = result.last;
  }
  projector_.wait_applied(last, kCatchUpDeadline);
  return true;
}

void CampaignLauncher::absorb_new_members(const Campaign& campaign, const CampaignRun& run) {
  if (ended(campaign, clock_.now())) return;
  fix_audience(campaign, run, true);
  const auto runs = control_.read_value(
      [&](Connection& c) { return campaign_store::list_waiting_runs(c, campaign.id); });
  for (const CampaignRun& waiting : runs) {
    if (waiting.state == RunState::kFixed) queue_blocks(campaign, waiting);
  }
}

bool CampaignLauncher::decide(const Campaign& campaign, Timestamp started_at) {
  const Experiment& e = campaign.plan.experiment;
  if (e.variants.empty() || e.metric == WinnerMetric::kNone || !ports_.variants) return true;
  const bool time_is_up = clock_.now() >= started_at + std::chrono::minutes(e.after_minutes);
  const auto decision = decide_experiment(e, ports_.variants(campaign), time_is_up);
  if (!decision) return false;
  std::vector<NewEvent> events;
  events.push_back(make_campaign_event(kExperimentDecidedEvent, campaign.workspace, campaign.id, 0,
                                       "\"variant\":" + std::to_string(decision->winner) +
                                           ",\"reason\":\"" + decision->reason + "\"",
                                       clock_.now()));
  return projector_.wait_applied(writer_.append(std::move(events)).last, kCatchUpDeadline);
}

const TimeZone& CampaignLauncher::zone(const std::string& name) {
  const auto it = zones_.find(name);
  if (it != zones_.end()) return it->second;
  try {
    return zones_.emplace(name, load_time_zone(name)).first->second;
  } catch (const Error&) {
    return zones_.emplace(name, TimeZone()).first->second;
  }
}

}  // namespace rapport
