// RequestSource: HTTP requests for the load tools, header included, ready to be written.
//
// Bodies are made ahead; a request that is sent again gets fresh message ids and customers patched
// into its bytes, so that the generator costs little beside the program it measures. A view stays
// valid until the next call for the same connection. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rapport::bench {

class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// Empty when there are no more.
  virtual std::string_view next(size_t connection) = 0;
};

struct SyntheticOptions {
  std::string write_key;
  size_t connections = 16;
  size_t events_per_request = 100;  // 1: /v1/track, else /v1/batch
  uint64_t customers = 100'000;
  bool every_customer_once = false;  // in order, one event each, instead of at random
  size_t requests_per_connection = 16;
};

/// Events of about 400 bytes about `customers` people, one in twenty an identify with traits; each
/// person has a user id and a device. Message ids never repeat within the process.
class SyntheticSource final : public RequestSource {
 public:
  explicit SyntheticSource(SyntheticOptions options);
  std::string_view next(size_t connection) override;
  /// Mean size of one event, in bytes.
  double event_bytes() const { return event_bytes_; }

 private:
  struct Slots {
    std::vector<uint32_t> message_id;  // one an event
    std::vector<uint32_t> customer;    // some an event
    std::vector<uint32_t> customers_of_event;
  };
  struct Prepared {
    std::string bytes;
    Slots slots;
  };
  void append_event(Prepared& request, uint64_t number);
  void patch(Prepared& request);
  uint64_t next_customer();

  SyntheticOptions options_;
  std::vector<std::vector<Prepared>> prepared_;  // by connection
  std::vector<size_t> position_;
  uint64_t chance_;
  uint64_t customer_ = 0;
  double event_bytes_ = 0;
};

/// The demo shop's history in batches, each event once.
class ShopSource final : public RequestSource {
 public:
  ShopSource(const std::string& write_key, uint64_t seed, size_t events, size_t events_per_request);
  std::string_view next(size_t connection) override;
  uint64_t events() const { return events_; }

 private:
  std::vector<std::string> requests_;
  size_t position_ = 0;
  uint64_t events_ = 0;
};

/// A POST of JSON with the write key in Basic authentication.
std::string make_post(std::string_view path, std::string_view write_key, std::string_view body);

}  // namespace rapport::bench
