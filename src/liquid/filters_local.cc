// Filters for the reader's language, zone and country: money, number, local_date, local_time,
// local_datetime, plural, phone. Language data is ICU's.
#include <fmt/format.h>
#include <unicode/calendar.h>
#include <unicode/currunit.h>
#include <unicode/dtptngen.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>
#include <unicode/ucurr.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "liquid/filters.h"
#include "liquid/number.h"
#include "liquid/phone.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;
using icu::UnicodeString;

constexpr size_t kMaxDecimalBytes = 40;
constexpr size_t kMaxTagBytes = 40;
constexpr size_t kMaxSkeletonBytes = 30;
constexpr size_t kKept = 64;  // formatters a thread keeps of one kind

/// Formatters cost far more to make than to use, and none may be shared between threads.
template <class T>
class Kept {
 public:
  template <class Make>
  T& get(const std::string& key, Make&& make) {
    const auto found = all_.find(key);
    if (found != all_.end()) return found->second;
    if (all_.size() >= kKept) all_.clear();
    return all_.emplace(key, make()).first->second;
  }

 private:
  std::map<std::string, T> all_;
};

std::string utf8(const UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

std::string text_or(const Value& option, const std::string& otherwise) {
  return option.if_string() ? *option.if_string() : otherwise;
}

std::string language_of(Context& context, const Arguments& arguments) {
  std::string tag = text_or(arguments.option("language"), context.options().language);
  if (tag.size() > kMaxTagBytes) context.fail("the language is no language tag");
  return tag;
}

icu::Locale locale_of(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
  const bool usable = U_SUCCESS(status) && !locale.isBogus() && locale.getLanguage()[0] != '\0';
  return usable ? locale : icu::Locale::getEnglish();
}

/// The digits of a number or of a text that is wholly one; null otherwise.
std::optional<std::string> decimal_of(const Value& value) {
  if (const auto* whole = value.if_int()) return std::to_string(*whole);
  if (const auto* real = value.if_double()) {
    std::string text = format_json_double(*real);
    return text == "null" ? std::nullopt : std::optional(std::move(text));
  }
  const auto* text = value.if_string();
  if (!text) return std::nullopt;
  const std::string_view digits = trim(*text);
  // An exponent would ask for as many zeros as it says.
  const bool fits = !digits.empty() && digits.size() <= kMaxDecimalBytes &&
                    digits.find_first_of("eE") == std::string_view::npos;
  if (!fits || !parse_number(digits)) return std::nullopt;
  return std::string(digits);
}

using NumberFormat = icu::number::LocalizedNumberFormatter;

Value format_decimal(Context& context, const NumberFormat& format, const std::string& digits) {
  UErrorCode status = U_ZERO_ERROR;
  const UnicodeString text = format.formatDecimal(digits, status).toString(status);
  if (U_FAILURE(status)) context.fail("a number cannot be written in this language");
  return made_text(context, utf8(text));
}

/// Three letters, upper case; fails otherwise.
std::string currency_of(Context& context, const Value& given) {
  std::string code = text_or(given, context.options().currency);
  for (char& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const bool letters =
      std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (code.size() != 3 || !letters) context.fail("'money' needs a currency of three letters");
  return code;
}

int minor_digits(const std::string& currency) {
  UErrorCode status = U_ZERO_ERROR;
  const UnicodeString code = UnicodeString::fromUTF8(currency);
  const int digits =
      ucurr_getDefaultFractionDigits(UnicodeString(code).getTerminatedBuffer(), &status);
  return U_SUCCESS(status) ? digits : 2;
}

/// Whole numbers are minor units, as stored; numbers with a point and texts are in the main unit.
Value money(Context& context, const Value& input, const Arguments& arguments) {
  Value amount = input;
  Value currency = arguments.size() > 0 ? arguments[0] : Value();
  if (const Object* both = input.if_object()) {
    const Value* inner = both->find("amount");
    const Value* code = both->find("currency");
    amount = inner ? *inner : Value();
    if (code && currency.is_nil()) currency = *code;
  }
  auto digits = decimal_of(amount);
  if (!digits) return input;
  const std::string code = currency_of(context, currency);
  if (amount.if_int()) *digits += "E-" + std::to_string(minor_digits(code));
  const std::string language = language_of(context, arguments);
  thread_local Kept<NumberFormat> kept;
  const NumberFormat& format = kept.get(language + "/" + code, [&] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::number::NumberFormatter::withLocale(locale_of(language))
        .unit(icu::CurrencyUnit(icu::StringPiece(code), status))
        .roundingMode(UNUM_ROUND_HALFUP);
  });
  return format_decimal(context, format, *digits);
}

const NumberFormat& number_format(const std::string& language) {
  constexpr int kFractionDigits = 6;
  thread_local Kept<NumberFormat> kept;
  return kept.get(language, [&] {
    return icu::number::NumberFormatter::withLocale(locale_of(language))
        .precision(icu::number::Precision::maxFraction(kFractionDigits))
        .roundingMode(UNUM_ROUND_HALFUP);
  });
}

Value number(Context& context, const Value& input, const Arguments& arguments) {
  const auto digits = decimal_of(input);
  if (!digits) return input;
  return format_decimal(context, number_format(language_of(context, arguments)), *digits);
}

using DateFormat = std::unique_ptr<icu::DateFormat>;

std::optional<icu::DateFormat::EStyle> style_of(const std::string& name) {
  if (name == "short") return icu::DateFormat::kShort;
  if (name == "medium") return icu::DateFormat::kMedium;
  if (name == "long") return icu::DateFormat::kLong;
  if (name == "full") return icu::DateFormat::kFull;
  return std::nullopt;
}

/// `style`: short, medium, long, full, or a skeleton of fields such as "MMMMd"; null when it is
/// neither.
DateFormat make_date_format(const std::string& kind, const std::string& style,
                            const icu::Locale& locale) {
  if (const auto known = style_of(style)) {
    // A time in words is as short as people write it; only a date has four lengths.
    const auto clock = icu::DateFormat::kShort;
    if (kind == "date") return DateFormat(icu::DateFormat::createDateInstance(*known, locale));
    if (kind == "time") return DateFormat(icu::DateFormat::createTimeInstance(clock, locale));
    return DateFormat(icu::DateFormat::createDateTimeInstance(*known, clock, locale));
  }
  const bool letters = std::all_of(style.begin(), style.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (style.empty() || style.size() > kMaxSkeletonBytes || !letters) return nullptr;
  UErrorCode status = U_ZERO_ERROR;
  DateFormat format(
      icu::DateFormat::createInstanceForSkeleton(UnicodeString::fromUTF8(style), locale, status));
  return U_SUCCESS(status) ? std::move(format) : nullptr;
}

Value local(Context& context, const Value& input, const Arguments& arguments,
            const std::string& kind) {
  const auto time = to_time(context, input);
  if (!time) return input;
  const std::string style = arguments.size() > 0 ? to_text(arguments[0]) : "long";
  const std::string language = language_of(context, arguments);
  const std::string zone = text_or(arguments.option("zone"), context.options().time_zone);
  if (zone.size() > kMaxTagBytes || style.size() > kMaxTagBytes) {
    context.fail("a date's form or zone is too long");
  }
  thread_local Kept<DateFormat> kept;
  const DateFormat& format = kept.get(fmt::format("{}/{}/{}/{}", kind, style, language, zone), [&] {
    DateFormat made = make_date_format(kind, style, locale_of(language));
    if (made) made->adoptTimeZone(icu::TimeZone::createTimeZone(UnicodeString::fromUTF8(zone)));
    return made;
  });
  if (!format) {
    context.fail("a date's form is short, medium, long, full or letters such as MMMMd");
  }
  UnicodeString out;
  format->format(static_cast<UDate>(to_micros(*time)) / 1000.0, out);
  return made_text(context, utf8(out));
}

Value local_date(Context& context, const Value& input, const Arguments& arguments) {
  return local(context, input, arguments, "date");
}
Value local_time(Context& context, const Value& input, const Arguments& arguments) {
  return local(context, input, arguments, "time");
}
Value local_datetime(Context& context, const Value& input, const Arguments& arguments) {
  return local(context, input, arguments, "datetime");
}

/// "zero", "one", "two", "few", "many" or "other" in the language.
std::string plural_form(double count, const std::string& language) {
  thread_local Kept<std::unique_ptr<icu::PluralRules>> kept;
  const auto& rules = kept.get(language, [&] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::PluralRules>(
        icu::PluralRules::forLocale(locale_of(language), status));
  });
  return rules ? utf8(rules->select(count)) : "other";
}

/// The form of a noun that the language wants for a number; `#` in it is the number itself.
Value plural(Context& context, const Value& input, const Arguments& arguments) {
  const Value count = to_number(input);
  const std::string language = language_of(context, arguments);
  const std::string form = plural_form(as_double(count), language);
  Value chosen = arguments.option(form);
  if (chosen.is_nil()) chosen = arguments.option("other");
  if (chosen.is_nil() && arguments.size() == 2) chosen = arguments[form == "one" ? 0 : 1];
  if (chosen.is_nil() && arguments.size() == 1) chosen = arguments[0];
  if (chosen.is_nil()) context.fail("'plural' needs the form 'other'");
  const std::string pattern = to_text(chosen);
  const size_t mark = pattern.find('#');
  if (mark == std::string::npos) return made_text(context, pattern);
  const auto digits = decimal_of(count).value_or("0");
  const Value shown = format_decimal(context, number_format(language), digits);
  return made_text(context,
                   pattern.substr(0, mark) + *shown.if_string() + pattern.substr(mark + 1));
}

Value phone(Context& context, const Value& input, const Arguments& arguments) {
  const std::string style = arguments.size() > 0 ? to_text(arguments[0]) : "international";
  const std::string country = text_or(arguments.option("country"), context.options().country);
  const auto number = parse_phone(to_text(input), country);
  if (!number) return input;
  if (style == "e164") return made_text(context, number->e164());
  if (style == "link") return made_text(context, "tel:" + number->e164());
  if (style == "national") return made_text(context, number->national());
  if (style != "international") {
    context.fail("'phone' knows international, national, e164 and link");
  }
  return made_text(context, number->international());
}

constexpr FilterSpec kFilters[] = {
    {"local_date", 0, 1, local_date, true}, {"local_datetime", 0, 1, local_datetime, true},
    {"local_time", 0, 1, local_time, true}, {"money", 0, 1, money, true},
    {"number", 0, 0, number, true},         {"phone", 0, 1, phone, true},
    {"plural", 0, 2, plural, true},
};

}  // namespace

std::span<const FilterSpec> local_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
