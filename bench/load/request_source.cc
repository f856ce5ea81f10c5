#include "load/request_source.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstring>

#include "app/demo/shop_generator.h"
#include "base/text.h"

namespace rapport::bench {
namespace {

constexpr size_t kMessageDigits = 16;
constexpr size_t kCustomerDigits = 7;
constexpr std::string_view kMessageBlank = "################";
constexpr std::string_view kCustomerBlank = "#######";
constexpr std::array<std::string_view, 6> kNames{"Product Viewed",    "Product Added",
                                                 "Products Searched", "Cart Viewed",
                                                 "Checkout Started",  "Order Completed"};
constexpr std::array<std::string_view, 6> kCountries{"VN", "DE", "FR", "BR", "JP", "KE"};

/// Sources of one process must not repeat each other's message ids, nor those of an earlier run.
uint64_t next_message_number() {
  static std::atomic<uint64_t> number{
      to_micros(std::chrono::floor<Micros>(std::chrono::system_clock::now())) * uint64_t{1'000}};
  return number.fetch_add(1, std::memory_order_relaxed);
}

void write_hex(char* out, uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (size_t i = kMessageDigits; i-- > 0; value >>= 4) out[i] = kDigits[value & 15];
}

void write_decimal(char* out, uint64_t value) {
  for (size_t i = kCustomerDigits; i-- > 0; value /= 10) {
    out[i] = static_cast<char>('0' + value % 10);
  }
}

uint64_t mix(uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

std::string now_text() {
  return format_timestamp(std::chrono::floor<Micros>(std::chrono::system_clock::now()));
}

std::vector<uint32_t> find_all(std::string_view text, std::string_view what, size_t from) {
  std::vector<uint32_t> found;
  for (size_t at = text.find(what, from); at != text.npos; at = text.find(what, at + what.size())) {
    found.push_back(static_cast<uint32_t>(at));
  }
  return found;
}

}  // namespace

std::string make_post(std::string_view path, std::string_view write_key, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      path, base64_encode(std::string(write_key) + ":"), body.size(), body);
}

SyntheticSource::SyntheticSource(SyntheticOptions options)
    : options_(std::move(options)),
      prepared_(options_.connections),
      position_(options_.connections),
      chance_(0x9E3779B97F4A7C15ull) {
  size_t bytes = 0;
  size_t events = 0;
  for (auto& ring : prepared_) {
    ring.resize(options_.requests_per_connection);
    for (Prepared& request : ring) {
      const bool batch = options_.events_per_request > 1;
      std::string body = batch ? "{\"batch\":[" : "";
      request.bytes = std::move(body);
      for (size_t i = 0; i < options_.events_per_request; ++i) {
        if (i > 0) request.bytes += ',';
        const size_t before = request.bytes.size();
        append_event(request, events++);
        bytes += request.bytes.size() - before;
      }
      if (batch) request.bytes += "],\"sentAt\":\"" + now_text() + "\"}";
      request.bytes =
          make_post(batch ? "/v1/batch" : "/v1/track", options_.write_key, request.bytes);
      request.slots.message_id = find_all(request.bytes, "\"messageId\":\"", 0);
      for (uint32_t& at : request.slots.message_id) at += sizeof("\"messageId\":\"m-") - 1;
      request.slots.customer = find_all(request.bytes, kCustomerBlank, 0);
      std::erase_if(request.slots.customer, [&](uint32_t at) {
        // A blank message id holds blank customers.
        return request.bytes.compare(at - 2, 2, "m-") == 0 || request.bytes[at - 1] == '#';
      });
    }
  }
  event_bytes_ = static_cast<double>(bytes) / static_cast<double>(events);
}

void SyntheticSource::append_event(Prepared& request, uint64_t number) {
  const uint64_t c = mix(chance_);
  const bool identify = options_.events_per_request > 1 && number % 20 == 7;
  const std::string shared = fmt::format(
      R"("messageId":"m-{}","userId":"user-{}","anonymousId":"device-{}","timestamp":"{}","context":{{"ip":"10.{}.{}.{}","locale":"{}","library":{{"name":"load","version":"1.0.0"}}}})",
      kMessageBlank, kCustomerBlank, kCustomerBlank, now_text(), c % 256, (c >> 8) % 256,
      (c >> 16) % 256, c % 3 == 0 ? "vi-VN" : "de-DE");
  if (identify) {
    request.bytes += fmt::format(
        R"({{"type":"identify",{},"traits":{{"email":"user{}@example.com","first_name":"Name{}","country":"{}","plan":"{}","age":{}}}}})",
        shared, kCustomerBlank, c % 5'000, kCountries[c % kCountries.size()],
        c % 4 == 0 ? "premium" : "free", 18 + c % 60);
    return;
  }
  request.bytes += fmt::format(
      R"({{"type":"track","event":"{}",{},"properties":{{"order_id":"o-{}","total":{}.{:02},"currency":"EUR","sku":"sku-{}","quantity":{},"category":"category {}"}}}})",
      kNames[c % kNames.size()], shared, (c >> 20) % 10'000'000, (c >> 24) % 500, (c >> 32) % 100,
      (c >> 36) % 5'000, 1 + (c >> 40) % 5, (c >> 44) % 40);
}

uint64_t SyntheticSource::next_customer() {
  if (options_.every_customer_once) return customer_++ % options_.customers;
  return mix(chance_) % options_.customers;
}

void SyntheticSource::patch(Prepared& request) {
  char* const bytes = request.bytes.data();
  size_t at = 0;
  const auto& customers = request.slots.customer;
  for (size_t i = 0; i < request.slots.message_id.size(); ++i) {
    write_hex(bytes + request.slots.message_id[i], next_message_number());
    const uint32_t end = i + 1 < request.slots.message_id.size()
                             ? request.slots.message_id[i + 1]
                             : static_cast<uint32_t>(request.bytes.size());
    const uint64_t customer = next_customer();
    while (at < customers.size() && customers[at] < end) {
      write_decimal(bytes + customers[at++], customer);
    }
  }
}

std::string_view SyntheticSource::next(size_t connection) {
  auto& ring = prepared_[connection];
  Prepared& request = ring[position_[connection]++ % ring.size()];
  patch(request);
  return request.bytes;
}

ShopSource::ShopSource(const std::string& write_key, uint64_t seed, size_t events,
                       size_t events_per_request) {
  demo::ShopOptions options;
  options.seed = seed;
  options.customers = static_cast<uint32_t>(events / 10);
  options.days = 365;
  options.now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
  demo::ShopGenerator shop(options);
  std::string event;
  std::string body;
  size_t in_batch = 0;
  const auto finish = [&] {
    if (in_batch == 0) return;
    requests_.push_back(make_post("/v1/batch", write_key, "{\"batch\":[" + body + "]}"));
    body.clear();
    in_batch = 0;
  };
  while (events_ < events && shop.next(event)) {
    if (in_batch > 0) body += ',';
    body += event;
    ++events_;
    if (++in_batch == events_per_request) finish();
  }
  finish();
}

std::string_view ShopSource::next(size_t) {
  return position_ < requests_.size() ? std::string_view(requests_[position_++])
                                      : std::string_view();
}

}  // namespace rapport::bench
