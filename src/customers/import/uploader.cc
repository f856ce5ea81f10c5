#include "customers/import/uploader.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "http/client.h"

namespace rapport {
namespace {

constexpr std::string_view kPath = "/api/v1/import";
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{10'000};
constexpr std::chrono::seconds kLongestRetryAfter{60};

class HttpTransport final : public ImportTransport {
 public:
  HttpTransport(const std::string& url, const std::string& key) : client_(url, options(key)) {}
  ImportReply post(const std::string& path, std::string_view body) override {
    const HttpReply reply = client_.send("POST", path, body);
    ImportReply result{reply.status, reply.body, std::nullopt};
    const auto seconds = parse_int(reply.header("retry-after"));
    if (seconds && *seconds >= 0) result.retry_after = std::chrono::seconds(*seconds);
    return result;
  }

 private:
  static HttpClientOptions options(const std::string& key) {
    HttpClientOptions options;
    options.gzip = true;
    options.headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
    return options;
  }
  HttpClient client_;
};

bool is_busy(int status) {
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

/// The program's own words when the answer is a problem document.
std::string describe(const ImportReply& reply) {
  boost::json::error_code error;
  const auto document = boost::json::parse(reply.body, error);
  std::string text = "the program answered " + std::to_string(reply.status);
  if (!error && document.is_object()) {
    const auto* detail = document.get_object().if_contains("detail");
    if (detail && detail->is_string()) text += ": " + std::string(detail->get_string());
  }
  return text;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    default:
      return status >= 500 || is_busy(status) ? ErrorCode::kUnavailable : ErrorCode::kUnprocessable;
  }
}

}  // namespace

TransportFactory http_transports(std::string url, std::string key) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return [url, key] { return std::make_unique<HttpTransport>(url, key); };
}

Uploader::Uploader(TransportFactory transports, UploaderOptions options,
                   std::function<void(UploadResult)> on_result)
    : transports_(std::move(transports)),
      options_(std::move(options)),
      on_result_(std::move(on_result)) {
  for (size_t i = 0; i < options_.connections; ++i) workers_.emplace_back([this] { work(); });
}

Uploader::~Uploader() {
  stop();
}

void Uploader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

uint64_t Uploader::events_sent() const {
  const std::lock_guard lock(mutex_);
  return events_sent_;
}

void Uploader::add(ImportEvent event) {
  Request& request = pending_[event.name];
  if (!request.lines.empty() &&
      request.body.size() + event.json.size() + 3 > options_.request_bytes) {
    release(request);
  }
  if (request.lines.empty()) request.name = event.name;
  request.body += request.lines.empty() ? "{\"batch\":[" : ",";
  request.body += event.json;
  request.lines.push_back(event.line);
  pending_bytes_ += event.json.size() + 1;
  if (request.lines.size() >= options_.request_events) release(request);
  // Many event names fill many requests at once.
  if (pending_.size() > limits::kMaxImportEventNames ||
      pending_bytes_ > limits::kMaxImportPendingBytes) {
    flush_all();
  }
}

/// Completes one request that is full and leaves an empty one in its place.
void Uploader::release(Request& request) {
  pending_bytes_ -= std::min(pending_bytes_, request.body.size());
  complete(std::exchange(request, {}));
}

void Uploader::flush_all() {
  for (auto& [name, request] : pending_) {
    if (!request.lines.empty()) complete(std::move(request));
  }
  pending_.clear();
  pending_bytes_ = 0;
}

void Uploader::complete(Request request) {
  request.body += "]}";
  if (held_) enqueue(std::move(*held_));
  held_ = std::move(request);
}

void Uploader::enqueue(Request request) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || queue_.size() < options_.connections; });
  if (failure_) std::rethrow_exception(failure_);
  queue_.push_back(std::move(request));
  lock.unlock();
  changed_.notify_all();
}

void Uploader::work() {
  std::unique_ptr<ImportTransport> transport;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || failure_ || !queue_.empty(); });
    if (stopping_ || failure_) return;
    const Request request = std::move(queue_.front());
    queue_.pop_front();
    ++in_flight_;
    lock.unlock();
    changed_.notify_all();
    std::exception_ptr failure;
    try {
      if (!transport) transport = transports_();
      deliver(*transport, request, std::string(kPath));
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    --in_flight_;
    if (failure && !failure_) failure_ = failure;
    changed_.notify_all();
  }
}

void Uploader::deliver(ImportTransport& transport, const Request& request,
                       const std::string& path) {
  settle(request, post_until_taken(transport, path, request.body).body);
  const std::lock_guard lock(mutex_);
  events_sent_ += request.lines.size();
}

ImportReply Uploader::post_until_taken(ImportTransport& transport, const std::string& path,
                                       const std::string& body) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= options_.attempts;
    std::chrono::milliseconds wait = pause;
    try {
      ImportReply reply = transport.post(path, body);
      if (reply.status == 200) return reply;
      if (!is_busy(reply.status) || last) throw Error(code_of(reply.status), describe(reply));
      if (reply.retry_after) wait = std::min(*reply.retry_after, kLongestRetryAfter);
    } catch (const Error& error) {
      const bool lost =
          error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded;
      if (!lost || last) throw;
    }
    if (!wait_unless_stopped(wait)) {
      throw Error(ErrorCode::kUnavailable, "the import was stopped");
    }
    pause = std::min(pause * 2, kLongestPause);
  }
}

/// False when the import ends before the time is over.
bool Uploader::wait_unless_stopped(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  const auto over = [&] { return stopping_ || failure_; };
  if (!options_.pause) return !changed_.wait_for(lock, time, over);
  if (over()) return false;
  lock.unlock();
  options_.pause(time);
  return true;
}

/// Reads {"accepted","duplicates","rejected":[{"index","reason"}]}.
void Uploader::settle(const Request& request, const std::string& reply) {
  namespace json = boost::json;
  UploadResult result;
  result.name = request.name;
  result.sent = request.lines.size();
  try {
    const json::value parsed = json::parse(reply);
    const json::object& document = parsed.as_object();
    result.added = document.at("accepted").to_number<uint64_t>();
    result.duplicates = document.at("duplicates").to_number<uint64_t>();
    if (const json::value* rejected = document.if_contains("rejected")) {
      for (const json::value& item : rejected->as_array()) {
        const auto index = item.as_object().at("index").to_number<size_t>();
        result.rejected.push_back(
            {request.lines.at(index), std::string(item.as_object().at("reason").as_string())});
      }
    }
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInternal, "the program's answer to an import is not understood",
                error.what());
  }
  const std::lock_guard lock(result_mutex_);
  on_result_(std::move(result));
}

void Uploader::finish(const std::function<void()>& tick) {
  flush_all();
  {
    std::unique_lock lock(mutex_);
    const auto settled = [&] { return failure_ || (queue_.empty() && in_flight_ == 0); };
    while (!changed_.wait_for(lock, std::chrono::milliseconds(100), settled)) {
      lock.unlock();
      tick();
      lock.lock();
    }
    if (failure_) std::rethrow_exception(failure_);
  }
  if (held_) {
    const Request last = std::move(*held_);
    held_.reset();
    deliver(*transports_(), last, std::string(kPath) + "?wait=true");
  }
  tick();
  stop();
}

}  // namespace rapport
