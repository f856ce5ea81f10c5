#include "http/connection.h"

#include "base/time.h"

namespace rapport {

const std::string& Worker::http_date(Timestamp now) {
  const int64_t second = to_micros(now) / 1'000'000;
  if (second != date_second) {
    date_second = second;
    date = format_http_date(now);
  }
  return date;
}

HttpConnection::HttpConnection(ServerCore& core, std::shared_ptr<Worker> worker)
    : core_(core), worker_(std::move(worker)) {
  place_ = worker_->connections.insert(worker_->connections.end(), this);
}

HttpConnection::~HttpConnection() {
  worker_->connections.erase(place_);
  --core_.connections;
}

void HttpConnection::check_deadline(SteadyTime now) {
  if (now < deadline_ || expired_) return;
  expired_ = true;
  if (handling_) {
    wake();
  } else {
    abort();
  }
}

void HttpConnection::end_if_idle() {
  if (idle_) abort();
}

void HttpConnection::force_end() {
  expired_ = true;
  abort();
  wake();
}

void HttpConnection::expect_within(std::chrono::milliseconds wait) {
  deadline_ = core_.clock.steady() + wait;
}

}  // namespace rapport
