// The demo shop's history: events of the Segment specification in time order, from a seed.
//
// The same options give the same bytes. People visit anonymously first, sign up, come back on other
// devices and log in there, browse, fill carts, order and sometimes return an order; weeks and
// years have their shape, hours follow the person's time zone. Property names are those of
// Segment's e-commerce specification, amounts are in USD. A stream, not a store: memory is a few
// bytes a person and one day of events. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/demo/shop_person.h"
#include "base/time.h"

namespace rapport::demo {

struct ShopOptions {
  uint64_t seed = 1;
  uint32_t customers = 2'000;
  uint32_t days = 90;
  Timestamp now;  // no event is later
};

struct ShopTotals {
  uint64_t events = 0;
  uint64_t people_seen = 0;
  uint64_t sign_ups = 0;
  uint64_t orders = 0;
  uint64_t refunds = 0;
};

class ShopGenerator {
 public:
  /// Throws Error(kInvalidArgument) unless 1…10,000,000 customers and 1…3,660 days.
  explicit ShopGenerator(ShopOptions options);

  /// Puts the next event, as JSON text, into `event`. False at the end.
  bool next(std::string& event);
  /// Time of the event given last.
  Timestamp time() const { return time_; }
  /// Of the events given so far.
  const ShopTotals& totals() const { return totals_; }
  const ShopOptions& options() const { return options_; }

 private:
  enum class Kind : uint8_t {
    kPage,
    kSearched,
    kProductViewed,
    kProductAdded,
    kCheckoutStarted,
    kSignedUp,
    kIdentify,
    kOrderCompleted,
    kOrderRefunded
  };
  /// An event before it becomes text.
  struct Draft {
    uint32_t at_ms;  // in the day
    uint32_t person;
    uint16_t sequence;  // of the person's events in the day
    Kind kind;
    uint8_t device;
    bool known;     // the device is logged in
    uint8_t item;   // of the cart
    uint64_t cart;  // key from which cart and order are derived
  };
  struct State {
    uint8_t visits = 0;
    uint8_t logged_in = 0;  // bit per device
  };
  struct Refund {
    uint32_t person;
    uint8_t device;
    uint64_t cart;
  };
  struct CartItem {
    const Product* product;
    uint32_t quantity;
  };
  struct Cart {
    CartItem items[4];
    uint32_t count = 0;
    uint32_t cents = 0;
    uint32_t shipping_cents = 0;
  };

  double season(uint32_t day) const;
  void draft_day();
  /// What a person has done so far in the day.
  struct DayPast {
    uint32_t visits = 0;
    uint32_t ended_ms = 0;  // of the last visit
    uint16_t sequence = 0;
  };
  void draft_visit(uint32_t person, const Habits& habits, DayPast& past);
  void draft_refunds();
  uint32_t start_ms(const Country& country, Dice& dice) const;
  Cart make_cart(uint64_t key) const;

  void write(const Draft& draft, std::string& out);
  void write_properties(const Draft& draft, std::string& out) const;
  void write_traits(const Draft& draft, std::string& out) const;
  void write_context(const Draft& draft, std::string& out) const;

  ShopOptions options_;
  Timestamp start_;
  std::vector<State> states_;
  std::vector<std::vector<Refund>> refunds_;  // by day
  uint32_t day_ = 0;
  std::vector<Draft> drafts_;
  size_t position_ = 0;
  std::string seed_text_;
  Timestamp time_;
  ShopTotals totals_;
};

}  // namespace rapport::demo
