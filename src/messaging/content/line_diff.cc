#include "messaging/content/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/limits/content.h"

namespace rapport {
namespace {

using Lines = std::vector<std::string_view>;  // each with its end, the last perhaps without

struct Edit {
  char sign;  // ' ', '-', '+'
  std::string_view line;
};

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

/// Myers' greedy algorithm; the edits from the last to the first, or null when there are too many.
std::optional<std::vector<Edit>> shortest_edits(const Lines& a, const Lines& b) {
  const auto n = static_cast<int>(a.size());
  const auto m = static_cast<int>(b.size());
  const int most = std::min(n + m, static_cast<int>(limits::kMaxDiffEdits));
  const auto at = [most](int k) { return static_cast<size_t>(k + most + 1); };
  std::vector<int> furthest(static_cast<size_t>(2 * most + 3), 0);
  std::vector<std::vector<int>> trace;
  const auto down = [&](const std::vector<int>& v, int d, int k) {
    return k == -d || (k != d && v[at(k - 1)] < v[at(k + 1)]);
  };
  int d = 0;
  for (bool reached = false; !reached; ++d) {
    if (d > most) return std::nullopt;
    trace.push_back(furthest);
    for (int k = -d; k <= d && !reached; k += 2) {
      int x = down(furthest, d, k) ? furthest[at(k + 1)] : furthest[at(k - 1)] + 1;
      while (x < n && x - k < m && a[static_cast<size_t>(x)] == b[static_cast<size_t>(x - k)]) ++x;
      furthest[at(k)] = x;
      reached = x >= n && x - k >= m;
    }
  }
  std::vector<Edit> edits;
  int x = n;
  int y = m;
  for (--d; d >= 0; --d) {
    const std::vector<int>& v = trace[static_cast<size_t>(d)];
    const int k = x - y;
    const int from_k = down(v, d, k) ? k + 1 : k - 1;
    const int from_x = d == 0 ? 0 : v[at(from_k)];
    const int from_y = d == 0 ? 0 : from_x - from_k;
    while (x > from_x && y > from_y) {
      --x;
      --y;
      edits.push_back({' ', a[static_cast<size_t>(x)]});
    }
    if (d == 0) break;
    if (x == from_x) {
      edits.push_back({'+', b[static_cast<size_t>(--y)]});
    } else {
      edits.push_back({'-', a[static_cast<size_t>(--x)]});
    }
  }
  return edits;
}

std::vector<Edit> edits_of(const Lines& a, const Lines& b) {
  size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  size_t tail = 0;
  while (tail < a.size() - same && tail < b.size() - same &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  const Lines from(a.begin() + static_cast<long>(same), a.end() - static_cast<long>(tail));
  const Lines to(b.begin() + static_cast<long>(same), b.end() - static_cast<long>(tail));
  std::vector<Edit> all;
  for (size_t i = 0; i < same; ++i) all.push_back({' ', a[i]});
  if (const auto middle = shortest_edits(from, to)) {
    all.insert(all.end(), middle->rbegin(), middle->rend());
  } else {
    for (const auto line : from) all.push_back({'-', line});
    for (const auto line : to) all.push_back({'+', line});
  }
  for (size_t i = a.size() - tail; i < a.size(); ++i) all.push_back({' ', a[i]});
  return all;
}

/// The place of a hunk's side: "3,7", or "0,0" before the first line.
std::string side(size_t first, size_t count) {
  return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after) {
  if (before == after) return {};
  constexpr size_t kContext = 3;
  const std::vector<Edit> edits = edits_of(lines_of(before), lines_of(after));
  std::string out;
  size_t a = 0;  // lines of each text before edits[i]
  size_t b = 0;
  for (size_t i = 0; i < edits.size();) {
    if (edits[i].sign == ' ') {
      ++a, ++b, ++i;
      continue;
    }
    const size_t lead = std::min(i, kContext);
    size_t end = i;
    for (size_t j = i; j < edits.size() && j < end + 2 * kContext + 1; ++j) {
      if (edits[j].sign != ' ') end = j + 1;
    }
    const size_t stop = std::min(edits.size(), end + kContext);
    size_t before_count = 0;
    size_t after_count = 0;
    std::string body;
    for (size_t j = i - lead; j < stop; ++j) {
      if (edits[j].sign != '+') ++before_count;
      if (edits[j].sign != '-') ++after_count;
      body += edits[j].sign;
      body += edits[j].line;
      if (!edits[j].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
    }
    out +=
        fmt::format("@@ -{} +{} @@\n", side(a - lead, before_count), side(b - lead, after_count));
    out += body;
    a += before_count - lead;
    b += after_count - lead;
    i = stop;
  }
  return out;
}

}  // namespace rapport
