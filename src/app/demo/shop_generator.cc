#include "app/demo/shop_generator.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace rapport::demo {
namespace {

constexpr uint32_t kDayMs = 24 * 3600 * 1000;
constexpr uint32_t kLongestVisitMs = 2 * 3600 * 1000;
constexpr uint32_t kPauseMs = 30 * 60 * 1000;
constexpr uint64_t kVisitDraw = 11, kCartDraw = 12, kDeviceDraw = 13;

// Cumulative share of visits that began by the end of each local hour, per mille.
constexpr std::array<uint32_t, 24> kHours{8,   12,  15,  17,  19,  25,  45,  80,
                                          125, 175, 225, 275, 335, 395, 440, 485,
                                          535, 590, 655, 735, 825, 910, 965, 1000};

constexpr std::string_view kEventNames[] = {
    "", "Products Searched", "Product Viewed", "Product Added", "Checkout Started", "Signed Up",
    "", "Order Completed",   "Order Refunded"};

void append_hex(std::string& out, uint64_t value, int digits) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kHex[value >> shift & 15];
}

void append_number(std::string& out, uint64_t value) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0) out += digits[--count];
}

void append_padded(std::string& out, uint32_t value, int width) {
  uint32_t unit = 1;
  for (int i = 1; i < width; ++i) unit *= 10;
  for (; unit != 0; unit /= 10) out += static_cast<char>('0' + value / unit % 10);
}

/// Cents as a JSON number of the currency's unit.
void append_money(std::string& out, uint32_t cents) {
  append_number(out, cents / 100);
  if (cents % 100 == 0) return;
  out += '.';
  append_padded(out, cents % 100, 2);
}

void append_user(std::string& out, uint32_t person) {
  out += 'u';
  if (person < 1'000'000) {
    append_padded(out, person, 6);
  } else {
    append_number(out, person);
  }
}

void append_time(std::string& out, Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto ms = static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time - day).count());
  append_padded(out, static_cast<uint32_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, ms / 3'600'000, 2);
  out += ':';
  append_padded(out, ms / 60'000 % 60, 2);
  out += ':';
  append_padded(out, ms / 1'000 % 60, 2);
  out += '.';
  append_padded(out, ms % 1'000, 3);
  out += 'Z';
}

void append_product(std::string& out, const Product& product) {
  out += "\"product_id\":\"";
  out += product.id;
  out += "\",\"sku\":\"";
  out += product.id;
  out += "\",\"name\":\"";
  out += product.name;
  out += "\",\"category\":\"";
  out += product.category;
  out += "\",\"price\":";
  append_money(out, product.price_cents);
}

void append_anonymous_id(std::string& out, uint64_t seed, uint32_t person, uint8_t device) {
  const uint64_t high = mix(mix(mix(seed, kDeviceDraw), person), device);
  const uint64_t low = mix(high, device);
  append_hex(out, high >> 32, 8);
  out += '-';
  append_hex(out, high >> 16, 4);
  out += "-4";
  append_hex(out, high, 3);
  out += "-a";
  append_hex(out, low >> 48, 3);
  out += '-';
  append_hex(out, low, 12);
}

}  // namespace

ShopGenerator::ShopGenerator(ShopOptions options) : options_(options) {
  if (options_.customers < 1 || options_.customers > 10'000'000) {
    throw Error::invalid("customers", "must be from 1 to 10000000");
  }
  if (options_.days < 1 || options_.days > 3'660) {
    throw Error::invalid("days", "must be from 1 to 3660");
  }
  start_ = std::chrono::floor<std::chrono::milliseconds>(options_.now) -
           std::chrono::days(options_.days);
  states_.resize(options_.customers);
  refunds_.resize(options_.days);
  append_hex(seed_text_, mix(options_.seed, options_.days), 8);
}

/// Share of an average day's visits: weekends and the weeks before the year's end are busy.
double ShopGenerator::season(uint32_t day) const {
  const auto date = std::chrono::floor<std::chrono::days>(start_ + std::chrono::days(day));
  const auto weekday = std::chrono::weekday(date).c_encoding();
  constexpr double kWeek[] = {1.25, 0.9, 0.85, 0.9, 0.95, 1.1, 1.3};
  const std::chrono::year_month_day ymd(date);
  const auto new_year = std::chrono::sys_days(ymd.year() / std::chrono::January / 1);
  const double year_share = static_cast<double>((date - new_year).count()) / 365.25;
  // Highest in early December, lowest in early June.
  double factor = kWeek[weekday] * (1.0 + 0.25 * std::cos((year_share - 0.93) * 2 * M_PI));
  const auto month = static_cast<unsigned>(ymd.month());
  const auto day_of_month = static_cast<unsigned>(ymd.day());
  if (month == 11 && day_of_month >= 23) factor *= 1.5;
  if (month == 11 && day_of_month == 11) factor *= 1.8;
  return factor;
}

uint32_t ShopGenerator::start_ms(const Country& country, Dice& dice) const {
  const uint32_t draw = dice.below(1000);
  const auto hour =
      static_cast<int>(std::upper_bound(kHours.begin(), kHours.end(), draw) - kHours.begin());
  const int minute = hour * 60 + static_cast<int>(dice.below(60)) - country.utc_offset_minutes;
  // The period's days begin at the time of day of `now`, so shift from UTC into them.
  const auto day_offset = std::chrono::duration_cast<std::chrono::minutes>(
      start_ - std::chrono::floor<std::chrono::days>(start_));
  const int shifted = ((minute - static_cast<int>(day_offset.count())) % 1440 + 1440) % 1440;
  const uint32_t at = static_cast<uint32_t>(shifted) * 60'000 + dice.below(60'000);
  return std::min(at, kDayMs - kLongestVisitMs);
}

ShopGenerator::Cart ShopGenerator::make_cart(uint64_t key) const {
  Dice dice(mix(key, kCartDraw));
  Cart cart;
  const auto products = catalogue();
  cart.count = 1 + std::min(dice.below(4), dice.below(4));
  for (uint32_t i = 0; i < cart.count; ++i) {
    // The first of the catalogue sell more.
    const auto size = static_cast<uint32_t>(products.size());
    const uint32_t index = std::min(dice.below(size), dice.below(size));
    cart.items[i] = {&products[index], 1 + dice.below(10) / 7};
    cart.cents += cart.items[i].product->price_cents * cart.items[i].quantity;
  }
  cart.shipping_cents = cart.cents >= 5000 ? 0 : 490;
  return cart;
}

void ShopGenerator::draft_visit(uint32_t person, const Habits& habits, DayPast& past) {
  State& state = states_[person];
  const uint64_t cart_key =
      mix(mix(mix(options_.seed, kVisitDraw), person), (uint64_t{day_} << 8) + past.visits);
  Dice dice(cart_key);
  uint32_t at = start_ms(country_of(options_.seed, person), dice);
  if (past.visits++ > 0) {
    // A second visit comes after the first, or not today.
    at = std::max(at, past.ended_ms + kPauseMs);
    if (at > kDayMs - kLongestVisitMs) return;
  }
  const bool signed_up = state.logged_in != 0;
  const auto device = static_cast<uint8_t>(signed_up ? dice.below(habits.devices) : 0);
  bool known = (state.logged_in >> device & 1) != 0;
  const Cart cart = make_cart(cart_key);
  const auto add = [&](Kind kind, uint8_t item = 0) {
    drafts_.push_back({at, person, past.sequence++, kind, device, known, item, cart_key});
    past.ended_ms = at;
    at += 3'000 + dice.below(90'000);
  };
  add(Kind::kPage);
  if (dice.chance(0.3)) add(Kind::kSearched);
  const bool joins = !signed_up && habits.signs_up && state.visits >= habits.visits_before_signup;
  if (joins || (signed_up && !known)) {
    if (dice.chance(0.5)) add(Kind::kProductViewed);
    known = true;
    state.logged_in = static_cast<uint8_t>(state.logged_in | 1 << device);
    add(Kind::kIdentify, joins ? 1 : 0);
    if (joins) {
      add(Kind::kSignedUp);
      ++totals_.sign_ups;
    }
  }
  if (state.visits == 0) ++totals_.people_seen;
  if (state.visits < 255) ++state.visits;
  for (uint8_t i = 0; i < cart.count; ++i) add(Kind::kProductViewed, i);
  if (!dice.chance(habits.buys * 1.6)) return;
  for (uint8_t i = 0; i < cart.count; ++i) add(Kind::kProductAdded, i);
  if (!known || !dice.chance(0.75)) return;
  add(Kind::kCheckoutStarted);
  if (!dice.chance(0.85)) return;
  add(Kind::kOrderCompleted);
  const uint32_t later = day_ + 2 + dice.below(12);
  if (dice.chance(0.05) && later < options_.days) {
    refunds_[later].push_back({person, device, cart_key});
  }
}

void ShopGenerator::draft_refunds() {
  uint16_t sequence = 60'000;  // apart from the visits of the same day
  for (const Refund& refund : refunds_[day_]) {
    Dice dice(mix(refund.cart, day_));
    drafts_.push_back({dice.below(kDayMs - 1), refund.person, sequence, Kind::kOrderRefunded,
                       refund.device, true, 0, refund.cart});
    if (sequence < 65'535) ++sequence;
  }
  refunds_[day_] = {};
}

void ShopGenerator::draft_day() {
  drafts_.clear();
  position_ = 0;
  const double factor = season(day_);
  for (uint32_t person = 0; person < options_.customers; ++person) {
    const Habits habits = make_habits(options_.seed, person, options_.days);
    if (day_ < habits.first_day) continue;
    Dice dice(mix(mix(options_.seed, day_), person));
    uint32_t visits = dice.chance(std::min(0.95, habits.visits_a_day * factor)) ? 1 : 0;
    if (visits == 1 && dice.chance(habits.visits_a_day)) visits = 2;
    if (day_ == habits.first_day) visits = std::max(visits, 1u);
    DayPast past;
    while (visits-- > 0) draft_visit(person, habits, past);
  }
  draft_refunds();
  std::sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
    if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
    if (a.person != b.person) return a.person < b.person;
    return a.sequence < b.sequence;
  });
  ++day_;
}

bool ShopGenerator::next(std::string& event) {
  while (position_ == drafts_.size()) {
    if (day_ == options_.days) return false;
    draft_day();
  }
  const Draft& draft = drafts_[position_++];
  time_ = start_ + std::chrono::days(day_ - 1) + std::chrono::milliseconds(draft.at_ms);
  ++totals_.events;
  if (draft.kind == Kind::kOrderCompleted) ++totals_.orders;
  if (draft.kind == Kind::kOrderRefunded) ++totals_.refunds;
  event.clear();
  write(draft, event);
  return true;
}

void ShopGenerator::write(const Draft& draft, std::string& out) {
  const bool identify = draft.kind == Kind::kIdentify;
  if (identify) {
    out += "{\"type\":\"identify\"";
  } else if (draft.kind == Kind::kPage) {
    out += "{\"type\":\"page\",\"name\":\"Home\"";
  } else {
    out += "{\"type\":\"track\",\"event\":\"";
    out += kEventNames[static_cast<size_t>(draft.kind)];
    out += '"';
  }
  out += ",\"messageId\":\"demo-";
  out += seed_text_;
  out += '-';
  append_number(out, draft.person);
  out += '-';
  append_number(out, day_ - 1);
  out += '-';
  append_number(out, draft.sequence);
  out += "\",\"timestamp\":\"";
  append_time(out, time_);
  out += "\",\"anonymousId\":\"";
  append_anonymous_id(out, options_.seed, draft.person, draft.device);
  out += '"';
  if (draft.known) {
    out += ",\"userId\":\"";
    append_user(out, draft.person);
    out += '"';
  }
  write_context(draft, out);
  if (identify) {
    write_traits(draft, out);
  } else {
    write_properties(draft, out);
  }
  out += '}';
}

void ShopGenerator::write_context(const Draft& draft, std::string& out) const {
  const Country& country = country_of(options_.seed, draft.person);
  const uint64_t draw = mix(draft.person, draft.device);
  out +=
      ",\"context\":{\"library\":{\"name\":\"analytics.js\",\"version\":\"2.1.0\"},\"locale\":\"";
  out += country.language;
  out += "\",\"timezone\":\"";
  out += country.time_zone;
  out += "\",\"userAgent\":\"";
  out += user_agents()[(draw + draft.device) % user_agents().size()];
  out += "\",\"ip\":\"203.0.113.";
  append_number(out, draw % 254 + 1);
  out += "\"}";
}

void ShopGenerator::write_traits(const Draft& draft, std::string& out) const {
  const Person person = make_person(options_.seed, draft.person);
  const auto text = [&](std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    out += json_quote(value);
  };
  out += ",\"traits\":{";
  text("email", person.email);
  text("first_name", person.first_name);
  text("last_name", person.last_name);
  text("language", person.country->language);
  text("plan", person.plan);
  // A log-in tells less than a sign-up.
  if (draft.item == 1) {
    text("country", person.country->code);
    text("city", person.city);
    text("street", person.street);
    text("phone", person.phone);
    text("birthday", person.birthday);
    text("time_zone", person.country->time_zone);
    out += ",\"created_at\":\"";
    append_time(out, time_);
    out += '"';
  }
  out += '}';
}

void ShopGenerator::write_properties(const Draft& draft, std::string& out) const {
  const Cart cart = make_cart(draft.cart);
  const CartItem& item = cart.items[draft.item];
  out += ",\"properties\":{";
  switch (draft.kind) {
    case Kind::kPage:
      out += "\"url\":\"https://shop.example.com/\",\"path\":\"/\",\"title\":\"Lotus & Pine\"";
      break;
    case Kind::kSearched:
      out += "\"query\":\"";
      out += item.product->category;
      out += '"';
      break;
    case Kind::kProductViewed:
    case Kind::kProductAdded:
      append_product(out, *item.product);
      if (draft.kind == Kind::kProductAdded) {
        out += ",\"quantity\":";
        append_number(out, item.quantity);
      }
      out += ",\"currency\":\"USD\"";
      break;
    case Kind::kSignedUp:
      out += "\"method\":\"email\"";
      break;
    default: {
      out += "\"order_id\":\"D";
      append_hex(out, draft.cart, 12);
      out += "\",\"total\":";
      append_money(out, cart.cents + cart.shipping_cents);
      if (draft.kind != Kind::kOrderRefunded) {
        out += ",\"revenue\":";
        append_money(out, cart.cents);
        out += ",\"shipping\":";
        append_money(out, cart.shipping_cents);
      }
      out += ",\"currency\":\"USD\",\"products\":[";
      for (uint32_t i = 0; i < cart.count; ++i) {
        out += i == 0 ? "{" : ",{";
        append_product(out, *cart.items[i].product);
        out += ",\"quantity\":";
        append_number(out, cart.items[i].quantity);
        out += '}';
      }
      out += ']';
    }
  }
  out += '}';
}

}  // namespace rapport::demo
