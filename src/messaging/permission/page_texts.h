// What the customer's own pages say, in the four languages of the product. Pure data.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

enum class PageText : uint8_t {
  kPreferences,
  kIntro,
  kTopics,
  kNoTopics,
  kPending,
  kByEmail,
  kHowOften,
  kAny,
  kDaily,
  kWeekly,
  kMonthly,
  kPause,
  kNoPause,
  kWeeks,
  kPausedUntil,
  kLanguage,
  kSave,
  kSaved,
  kStopAll,
  kStopAllNote,
  kStopAllButton,
  kStopped,
  kChangeAddress,
  kChangeAddressNote,
  kNewAddress,
  kSend,
  kChangeSent,
  kBadAddress,
  kTooMany,
  kYourData,
  kYourDataNote,
  kWhatWeKnow,
  kWhatWeSent,
  kWhatYouAgreed,
  kNothing,
  kBack,
  kConfirm,
  kConfirmQuestion,
  kConfirmButton,
  kConfirmed,
  kAddressQuestion,
  kAddressDone,
  kInvalidTitle,
  kInvalid,
  kMailConfirmSubject,
  kMailConfirmText,
  kMailAddressSubject,
  kMailAddressText,
  kMailIgnore,
  kSince,
  kStatusGiven,
  kStatusWithdrawn,
  kStatusRequested,
  kAllTopics,
  kCount,
};

/// In "en", "zh-Hans", "zh-Hant" or "vi"; English for others.
std::string_view page_text(PageText text, std::string_view language);
/// The same with {name} filled in.
std::string page_text(PageText text, std::string_view language, std::string_view name);

}  // namespace rapport
