// Bounds of the segment engine, of lists and of what is told of them.
#pragma once

#include <cstddef>

namespace rapport::limits {

inline constexpr size_t kMaxHeldSegmentStates = 20'000;  // customers in the engine's memory
inline constexpr size_t kMaxDueMoments = 20'000;         // of time, that one event brings
inline constexpr size_t kMaxFillSlots = 200;             // definitions computed together
inline constexpr size_t kFillCustomers = 4'000;          // a step of computing
inline constexpr size_t kFillReadAhead = 40'000;         // customers
inline constexpr size_t kSegmentChangeBatch = 4'000;     // told at once
inline constexpr size_t kMaxOverlap = 6;                 // segments
inline constexpr size_t kMaxSizePoints = 10'000;         // of one answer
inline constexpr size_t kMaxLists = 1'000;               // a workspace
inline constexpr size_t kMaxListBatch = 10'000;          // members added or removed by one request
inline constexpr size_t kListEventBatch = 2'000;         // appended at once
inline constexpr size_t kMaxUnknownExamples = 20;        // identifiers of nobody that are named
inline constexpr size_t kMaxUnknownRows = 10'000;        // of a file that are named
inline constexpr size_t kMaxListCsvBytes = 16 * 1024 * 1024;

}  // namespace rapport::limits
