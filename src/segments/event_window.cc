#include "segments/event_window.h"

#include <algorithm>

namespace rapport {

TimeRange window_range(const Window& window, const AskedAt& asked, Timestamp horizon) {
  constexpr Micros kStep{1};  // times are whole microseconds
  const Timestamp end = horizon + kStep;
  switch (window.kind) {
    case Window::Kind::kEver:
      return {kTimeBegin, end};
    case Window::Kind::kWithin:
      return {asked.at - window.near + kStep, end};
    case Window::Kind::kOlderThan:
      return {kTimeBegin, asked.at - window.near + kStep};
    case Window::Kind::kBetween:
      return {window.from, std::min(window.to, end)};
    case Window::Kind::kBetweenAgo:
      return {asked.at - window.far + kStep, asked.at - window.near + kStep};
    case Window::Kind::kInPeriod: {
      const TimeRange range = period_range(window.period, asked.at, asked.zone(window.zone));
      return {range.from, std::min(range.to, end)};
    }
  }
  return {kTimeBegin, end};
}

TimeRange counted_during(const Window& window, Timestamp occurred_at, const AskedAt& asked) {
  switch (window.kind) {
    case Window::Kind::kEver:
      return {kTimeBegin, kTimeEnd};
    case Window::Kind::kWithin:
      return {kTimeBegin, occurred_at + window.near};
    case Window::Kind::kOlderThan:
      return {occurred_at + window.near, kTimeEnd};
    case Window::Kind::kBetween:
      return occurred_at >= window.from && occurred_at < window.to ? TimeRange{kTimeBegin, kTimeEnd}
                                                                   : TimeRange{kTimeEnd, kTimeEnd};
    case Window::Kind::kBetweenAgo:
      return {occurred_at + window.near, occurred_at + window.far};
    case Window::Kind::kInPeriod:
      return period_range({-window.period.offset, window.period.unit}, occurred_at,
                          asked.zone(window.zone));
  }
  return {kTimeBegin, kTimeEnd};
}

}  // namespace rapport
