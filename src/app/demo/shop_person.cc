#include "app/demo/shop_person.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rapport::demo {
namespace {

// Purposes, so that one draw does not correlate with another.
constexpr uint64_t kCountryDraw = 1, kPersonDraw = 2, kHabitDraw = 3, kMailDraw = 4;

uint64_t key_of(uint64_t seed, uint32_t number, uint64_t purpose) {
  return mix(mix(seed, purpose), number);
}

std::string_view domain_of(uint64_t draw) {
  constexpr std::string_view kDomains[] = {"example.com", "example.org", "example.net"};
  return kDomains[draw % 3];
}

}  // namespace

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = a + 0x9E3779B97F4A7C15ull * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

uint64_t Dice::next() {
  const uint64_t value = mix(state_, 0);
  state_ += 0x9E3779B97F4A7C15ull;
  return value;
}

const Country& country_of(uint64_t seed, uint32_t number) {
  static const int total = [] {
    int sum = 0;
    for (const Country& country : countries()) sum += country.weight;
    return sum;
  }();
  int draw = static_cast<int>(key_of(seed, number, kCountryDraw) % static_cast<uint64_t>(total));
  for (const Country& country : countries()) {
    draw -= country.weight;
    if (draw < 0) return country;
  }
  return countries().front();
}

Person make_person(uint64_t seed, uint32_t number) {
  Dice dice(key_of(seed, number, kPersonDraw));
  const auto pick = [&](auto span) { return span[dice.below(static_cast<uint32_t>(span.size()))]; };
  Person person;
  person.number = number;
  person.country = &country_of(seed, number);
  person.user_id = fmt::format("u{:06}", number);
  const Name first = pick(person.country->first_names);
  const Name last = pick(person.country->last_names);
  person.first_name = first.written;
  person.last_name = last.written;
  person.email =
      fmt::format("{}.{}.{}@{}", first.roman, last.roman, number, domain_of(dice.next()));
  person.phone = fmt::format("{} {:06}", person.country->phone_prefix, dice.below(1'000'000));
  person.city = pick(person.country->cities);
  person.street = fmt::format("{} {}", pick(person.country->streets), 1 + dice.below(180));
  // Ages gather around forty.
  const uint32_t age = 18 + dice.below(25) + dice.below(25) + dice.below(15);
  person.birthday =
      fmt::format("{}-{:02}-{:02}", 2024 - age, 1 + dice.below(12), 1 + dice.below(28));
  const uint32_t plan = dice.below(100);
  person.plan = plan < 70 ? "free" : plan < 92 ? "plus" : "gold";
  return person;
}

Habits make_habits(uint64_t seed, uint32_t number, uint32_t days) {
  Dice dice(key_of(seed, number, kHabitDraw));
  Habits habits;
  // Half of the people come in the first fifth of the period, the rest evenly.
  const double arrival = dice.uniform();
  habits.first_day =
      static_cast<uint32_t>((arrival < 0.5 ? arrival * 0.4 : 0.2 + (arrival - 0.5) * 1.6) * days);
  habits.first_day = std::min(habits.first_day, days - 1);
  habits.signs_up = dice.chance(0.9);
  habits.visits_before_signup = dice.below(4);
  const double device_draw = dice.uniform();
  habits.devices = device_draw < 0.55 ? 1 : device_draw < 0.9 ? 2 : 3;
  // A few regulars, many who come now and then.
  const double activity = dice.uniform();
  habits.visits_a_day = 0.02 + 0.25 * activity * activity * activity;
  habits.buys = 0.05 + 0.35 * dice.uniform();
  habits.opens = 0.15 + 0.6 * dice.uniform();
  habits.clicks = 0.1 + 0.5 * dice.uniform();
  habits.unsubscribes = dice.chance(0.2) ? 0.2 : 0.01;
  return habits;
}

MailAnswer answer_mail(uint64_t seed, uint32_t number, uint64_t mailing) {
  const Habits habits = make_habits(seed, number, 1);
  Dice dice(mix(key_of(seed, number, kMailDraw), mailing));
  MailAnswer answer;
  answer.opens = dice.chance(habits.opens);
  answer.clicks = dice.chance(habits.clicks) && answer.opens;
  answer.unsubscribes = dice.chance(habits.unsubscribes) && answer.opens;
  return answer;
}

std::optional<uint32_t> person_number(std::string_view email) {
  const size_t at = email.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view local = email.substr(0, at);
  const size_t dot = local.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  uint32_t number = 0;
  const char* const end = local.data() + local.size();
  const auto parsed = std::from_chars(local.data() + dot + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace rapport::demo
