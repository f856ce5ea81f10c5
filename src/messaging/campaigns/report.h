// What became of a campaign, read from the projections. Thread-safe; calls block.
//
// Rates are of recipients. Lift compares everybody the campaign was meant for with both control
// groups, sent or not, from the moment the message was to go; see statistics.h for the intervals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "messaging/campaign.h"
#include "messaging/campaigns/experiment.h"
#include "messaging/campaigns/figures.h"
#include "messaging/campaigns/statistics.h"
#include "storage/state_store.h"

namespace rapport {

/// Figures of a run, a variant, or a whole campaign.
struct Outcome {
  int64_t queued = 0, waiting = 0, sent = 0, delivered = 0, bounced = 0, complained = 0, failed = 0,
          skipped = 0, withheld = 0, opened = 0, machine_opened = 0, clicked = 0,
          machine_clicked = 0, unsubscribed = 0, replied = 0, converted = 0, conversions = 0,
          possible_repeats = 0;
  double revenue = 0;

  void add(Figure figure, int64_t n, double amount);
};

struct VariantOutcome {
  uint8_t variant = 0;
  Outcome outcome;
};

struct LinkOutcome {
  std::string url;
  int64_t people = 0;
  int64_t clicks = 0;
  int64_t machine_clicks = 0;
};

struct ReasonCount {
  std::string reason;
  int64_t count = 0;
};

struct HourOutcome {
  Timestamp hour;
  Outcome outcome;
};

struct Winner {
  size_t variant = 0;
  Timestamp decided_at;
  std::string reason;
};

struct Lift {
  Rate treated;
  Rate control;
  Interval difference;
  std::optional<Interval> relative;
};

struct CampaignOutcome {
  Outcome total;
  std::vector<VariantOutcome> variants;  // control groups too
  std::optional<Winner> winner;
  std::optional<Lift> lift;          // when there are a goal and a control group
  std::vector<LinkOutcome> links;    // most followed first
  std::vector<ReasonCount> reasons;  // most frequent first
  std::vector<HourOutcome> hours;
};

/// One line of the export.
struct ExportRow {
  MessageId message;
  CustomerId customer;
  std::string address;
  std::string status;
  std::string variant;
  std::string reason;
  uint32_t run = 0;
  Timestamp planned_at;
  bool opened = false;
  bool clicked = false;
  bool converted = false;
};

class CampaignReporter {
 public:
  explicit CampaignReporter(const StateStore& state) : state_(state) {}

  /// `run` absent: all runs.
  CampaignOutcome report(const Campaign& campaign, std::optional<uint32_t> run) const;
  /// Trials and successes of each variant by the experiment's metric; winners' rest left out.
  std::vector<VariantFigures> variants(const Campaign& campaign) const;
  /// Up to `limit` recipients with a message id above `after`, by id.
  std::vector<ExportRow> export_rows(WorkspaceId workspace, CampaignId campaign, MessageId after,
                                     size_t limit) const;

 private:
  const StateStore& state_;
};

}  // namespace rapport
