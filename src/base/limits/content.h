// Bounds of templates, pictures and their checks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxSubjectBytes = 2'000;
inline constexpr size_t kMaxContentItems = 10'000;  // templates, blocks and layouts a workspace
inline constexpr size_t kMaxContentVariants = 30;   // languages of one
inline constexpr size_t kMaxContentVersions = 500;  // kept of one; the oldest go
inline constexpr size_t kMaxContentBytes = 4 * 1024 * 1024;  // of one version
inline constexpr size_t kMaxCommentBytes = 500;
inline constexpr size_t kMaxDiffEdits = 1'000;  // lines
inline constexpr size_t kMaxBrandTextBytes = 2'000;
inline constexpr size_t kMaxHtmlOpen = 400;          // elements without their end at one place
inline constexpr size_t kMaxHtmlGrowth = 2'000'000;  // tags times elements left open
inline constexpr size_t kMaxCssMatches = 2'000'000;  // selectors times elements
inline constexpr size_t kMaxPictureBytes = 5 * 1024 * 1024;  // uploaded
inline constexpr int64_t kMaxPicturePixels = 24'000'000;
inline constexpr int kMaxPictureWidth = 1'200;  // twice the width of an e-mail
inline constexpr size_t kMaxPictures = 5'000;   // a workspace
inline constexpr size_t kMaxPicturesBytes = 2'000'000'000;
inline constexpr size_t kMaxFindings = 200;  // of one check of a message

}  // namespace rapport::limits
