// One person of the demo shop, derived from the seed and a number: nothing is stored.
//
// Pure functions; the same seed and number give the same person on every machine. E-mail addresses
// are under example.com, .org and .net and carry the number, so a mailbox can tell who it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/demo/shop_data.h"

namespace rapport::demo {

/// SplitMix64's finaliser over a combination: chance without a state.
uint64_t mix(uint64_t a, uint64_t b);

/// A walk of chance from a key, for the generator's inner loop: SplitMix64 without a lock.
class Dice {
 public:
  explicit Dice(uint64_t key) : state_(key) {}
  uint64_t next();
  /// Uniform in [0, bound).
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>((next() >> 32) * bound >> 32); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return uniform() < probability; }

 private:
  uint64_t state_;
};

struct Person {
  uint32_t number = 0;
  const Country* country = nullptr;
  std::string user_id;
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string phone;
  std::string city;
  std::string street;
  std::string birthday;  // "1987-04-23"
  std::string plan;      // "free", "plus", "gold"
};

/// What shapes a person's behaviour.
struct Habits {
  uint32_t first_day = 0;  // of the period
  uint32_t visits_before_signup = 0;
  bool signs_up = true;
  uint32_t devices = 1;
  double visits_a_day = 0.1;
  double buys = 0.2;           // probability in a visit
  double opens = 0.4;          // e-mails
  double clicks = 0.3;         // of those opened
  double unsubscribes = 0.02;  // of those opened
};

/// How someone answers one e-mail. A click or an unsubscription follows an opening.
struct MailAnswer {
  bool opens = false;
  bool clicks = false;
  bool unsubscribes = false;
};

const Country& country_of(uint64_t seed, uint32_t number);
Person make_person(uint64_t seed, uint32_t number);
Habits make_habits(uint64_t seed, uint32_t number, uint32_t days);
/// `mailing` tells one mailing from another.
MailAnswer answer_mail(uint64_t seed, uint32_t number, uint64_t mailing);
/// The number in an address made by make_person.
std::optional<uint32_t> person_number(std::string_view email);

}  // namespace rapport::demo
