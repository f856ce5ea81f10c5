// What was measured and how it is shown: series with median and spread, rows with a target and a
// limit, the table on the terminal and docs/performance.md. Not thread-safe.
#pragma once

#include <string>
#include <vector>

namespace rapport::bench {

/// Repetitions of one measurement.
class Series {
 public:
  void add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  double median() const;
  double lowest() const;
  double highest() const;

 private:
  std::vector<double> values_;
};

enum class Unit { kPerSecond, kMilliseconds, kMegabytes };

struct Limit {
  std::string name;
  Series series;
  Unit unit = Unit::kPerSecond;
};

struct Row {
  std::string name;
  Unit unit = Unit::kPerSecond;
  double target = 0;  // 0: none
  bool at_least = true;
  Series series;
  std::vector<Limit> limits;
  std::string note;

  bool met() const;
};

/// "151,000/s", "210 ms", "96 MB".
std::string show(double value, Unit unit);
/// One line for the terminal.
std::string line_of(const Row& row);
/// The whole document.
std::string performance_document(const std::vector<Row>& rows);

}  // namespace rapport::bench
