#include "app/demo/demo_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "app/demo/demo_api.h"
#include "app/demo/demo_mailbox.h"
#include "base/error.h"
#include "base/text.h"
#include "customers/import/progress_bar.h"
#include "runtime/clock.h"
#include "runtime/pause.h"

namespace rapport::demo {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr uint32_t kBatchEvents = 100;
constexpr uint32_t kSegmentOrders = 2;
constexpr std::chrono::days kSegmentWindow{90};
// Orders this close to the window's edge may fall out of it while the demo runs.
constexpr std::chrono::minutes kEdge{10};
constexpr std::string_view kSegmentCountries[] = {"VN", "CN", "TW", "HK", "GB", "US", "DE"};
constexpr milliseconds kPoll{50};
constexpr milliseconds kStallPatience{30'000};  // without any progress
constexpr milliseconds kCountPatience{15'000};
constexpr uint64_t kMailing = 1;

constexpr std::string_view kSubject =
    R"({{ customer.traits.first_name | default: "there" }}, your spring tea is here)";
constexpr std::string_view kHtml = R"(<!doctype html>
<html><body style="font-family: sans-serif">
<p>Hello {{ customer.traits.first_name | default: "there" }},</p>
<p>thank you for being with Lotus &amp; Pine{% if customer.traits.city %} in {{ customer.traits.city }}{% endif %}.
The first harvest of the year has arrived.</p>
<p><a href="https://shop.example.com/spring?from=mail">See the spring teas</a></p>
</body></html>)";
constexpr std::string_view kText = R"(Hello {{ customer.traits.first_name | default: "there" }},

the first harvest of the year has arrived: https://shop.example.com/spring?from=mail
)";

int64_t number(const json::value& object, std::string_view name) {
  return object.at(name).to_number<int64_t>();
}

std::string seconds_text(milliseconds duration) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(duration).count());
}

/// What the shop's own books say of who is in the segment: at least `sure`, at most `possible`,
/// since the window moves while the demo runs.
class SegmentBook {
 public:
  explicit SegmentBook(const ShopOptions& shop)
      : shop_(shop), window_begins_(shop.now - kSegmentWindow) {}

  void note(std::string_view event, Timestamp time) {
    if (event.find("\"event\":\"Order Completed\"") == std::string_view::npos) return;
    constexpr std::string_view kUser = "\"userId\":\"u";
    const size_t at = event.find(kUser);
    if (at == std::string_view::npos || time < window_begins_) return;
    const size_t begin = at + kUser.size();
    const auto person = parse_int(event.substr(begin, event.find('"', begin) - begin));
    Orders& orders = orders_[static_cast<uint32_t>(person.value_or(0))];
    ++orders.possible;
    if (time > window_begins_ + kEdge) ++orders.sure;
  }
  std::pair<int64_t, int64_t> bounds() const {
    int64_t sure = 0, possible = 0;
    for (const auto& [person, orders] : orders_) {
      const std::string_view country = country_of(shop_.seed, person).code;
      if (std::find(std::begin(kSegmentCountries), std::end(kSegmentCountries), country) ==
          std::end(kSegmentCountries)) {
        continue;
      }
      sure += orders.sure >= kSegmentOrders ? 1 : 0;
      possible += orders.possible >= kSegmentOrders ? 1 : 0;
    }
    return {sure, possible};
  }

 private:
  struct Orders {
    uint32_t sure = 0;
    uint32_t possible = 0;
  };
  ShopOptions shop_;
  Timestamp window_begins_;
  std::unordered_map<uint32_t, Orders> orders_;
};

class DemoRun {
 public:
  explicit DemoRun(const DemoOptions& options)
      : options_(options),
        api_(options.base_url, "Bearer " + options.admin_key),
        mailbox_(options.mailbox_port) {
    shop_.seed = options.seed;
    shop_.customers = options.customers;
    shop_.days = options.days;
    shop_.now = clock_.now();
  }

  DemoOutcome run() {
    const json::value before = api_.get("/api/v1/overview");
    const bool fresh = number(before, "events") == 0;
    SegmentBook book(shop_);
    send_history(book, fresh);
    use_mailbox();
    create_segment(book, fresh);
    send_campaign();
    play_customers();
    compare_counts();
    use_sandbox();
    row("address", options_.base_url);
    if (!options_.login_email.empty()) {
      row("sign in",
          options_.login_email +
              (options_.login_password.empty() ? std::string() : "  " + options_.login_password));
    }
    return std::move(outcome_);
  }

 private:
  void row(std::string label, std::string value) {
    outcome_.rows.push_back({std::move(label), std::move(value)});
  }
  void check(std::string what, int64_t expected, int64_t found) {
    outcome_.checks.push_back(
        {std::move(what), std::to_string(expected), std::to_string(found), expected == found});
  }
  milliseconds since(std::chrono::steady_clock::time_point start) const {
    return std::chrono::duration_cast<milliseconds>(clock_.steady() - start);
  }

  void send_history(SegmentBook& book, bool fresh);
  void use_mailbox();
  void use_sandbox();
  void create_segment(const SegmentBook& book, bool fresh);
  void send_campaign();
  void play_customers();
  void play(HttpClient& browser, const DemoMail& mail);
  void compare_counts();
  json::value campaign() { return api_.get("/api/v1/campaigns/" + campaign_id_); }

  DemoOptions options_;
  SystemClock clock_;
  ShopOptions shop_;
  DemoApi api_;
  DemoMailbox mailbox_;
  std::string segment_id_;
  std::string campaign_id_;
  int64_t segment_size_ = 0;
  int64_t opened_ = 0, clicked_ = 0, unsubscribed_ = 0;
  int64_t broken_links_ = 0, wrong_names_ = 0;
  bool looked_at_page_ = false;
  DemoOutcome outcome_;
};

void DemoRun::send_history(SegmentBook& book, bool fresh) {
  const auto start = clock_.steady();
  DemoApi collect(options_.base_url, "Basic " + base64_encode(options_.write_key + ":"));
  ShopGenerator shop(shop_);
  ProgressBar bar(options_.progress, "events", "events");
  const Timestamp begins = shop_.now - std::chrono::days(shop_.days);
  std::string batch, held, event;
  uint32_t count = 0;
  // One batch is held back, so that the last one can ask for the applied state.
  const auto complete = [&] {
    if (!held.empty()) collect.post("/v1/batch", held);
    held = std::move(batch) + "]}";
    batch.clear();
    count = 0;
    const double share = std::chrono::duration<double>(shop.time() - begins) /
                         std::chrono::duration<double>(shop_.now - begins);
    bar.update(share, shop.totals().events, since(start));
  };
  while (shop.next(event)) {
    book.note(event, shop.time());
    batch += count == 0 ? "{\"batch\":[" : ",";
    batch += event;
    if (++count == kBatchEvents) complete();
  }
  if (count > 0) complete();
  if (!held.empty()) collect.post("/v1/batch?wait=true", held);
  const milliseconds took = since(start);
  const json::value after = api_.get("/api/v1/overview");
  row("customers", std::to_string(number(after, "customers")));
  const double rate = static_cast<double>(shop.totals().events) /
                      std::max(0.001, std::chrono::duration<double>(took).count());
  row("events",
      fmt::format("{} in {}, {:.0f}/s, applied", shop.totals().events, seconds_text(took), rate));
  row("orders, refunds", fmt::format("{}, {}", shop.totals().orders, shop.totals().refunds));
  if (fresh) {
    check("events kept", static_cast<int64_t>(shop.totals().events), number(after, "events"));
  }
}

void DemoRun::use_mailbox() {
  api_.put("/api/v1/providers/email", json::serialize(json::object{{"type", "smtp"},
                                                                   {"host", "127.0.0.1"},
                                                                   {"port", mailbox_.port()},
                                                                   {"security", "none"}}));
}

/// The mailbox ends with the demo; what is sent from the console afterwards stays readable.
void DemoRun::use_sandbox() {
  api_.put("/api/v1/providers/email", R"({"type":"sandbox"})");
}

void DemoRun::create_segment(const SegmentBook& book, bool fresh) {
  json::array places;
  for (const std::string_view code : kSegmentCountries) places.emplace_back(code);
  const json::object condition{
      {"all",
       {{{"trait", "country"}, {"op", "in"}, {"value", places}},
        {{"event", "Order Completed"}, {"count", {{"gte", kSegmentOrders}}}, {"within", "90d"}}}}};
  const auto start = clock_.steady();
  const json::value created = api_.post(
      "/api/v1/segments", json::serialize(json::object{{"name", "Regulars in seven countries"},
                                                       {"condition", condition}}));
  segment_id_ = created.at("id").as_string();
  const json::value segment = api_.get("/api/v1/segments/" + segment_id_);
  segment_size_ = number(segment, "count");
  row("segment", fmt::format("{} customers with {} orders in 90 days, found in {}", segment_size_,
                             kSegmentOrders, seconds_text(since(start))));
  if (!fresh) return;
  const auto [sure, possible] = book.bounds();
  outcome_.checks.push_back(
      {"segment as in the shop's books",
       sure == possible ? std::to_string(sure) : fmt::format("{} to {}", sure, possible),
       std::to_string(segment_size_), segment_size_ >= sure && segment_size_ <= possible});
}

void DemoRun::send_campaign() {
  const json::object content{{"subject", kSubject}, {"html", kHtml}, {"text", kText}};
  const json::value created = api_.post(
      "/api/v1/campaigns", json::serialize(json::object{{"name", "Spring tea"},
                                                        {"segment_id", segment_id_},
                                                        {"channel", "email"},
                                                        {"from", "Lotus & Pine <shop@example.com>"},
                                                        {"template", content}}));
  campaign_id_ = created.at("id").as_string();
  const auto start = clock_.steady();
  api_.post("/api/v1/campaigns/" + campaign_id_ + "/start", "{}");
  ProgressBar bar(options_.progress, "e-mails", "e-mails");
  json::value state = campaign();
  int64_t seen = 0;
  auto moved = start;
  while (state.at("status").as_string() != "done" && since(moved) < kStallPatience) {
    const int64_t sent = number(state, "sent");
    if (sent != std::exchange(seen, sent)) moved = clock_.steady();
    bar.update(static_cast<double>(sent) / static_cast<double>(std::max<int64_t>(1, segment_size_)),
               static_cast<uint64_t>(sent), since(start));
    pause_for(kPoll);
    state = campaign();
  }
  const int64_t audience = number(state, "audience");
  const int64_t sent = number(state, "sent");
  const milliseconds took = since(start);
  row("audience", std::to_string(audience));
  row("sent", fmt::format("{} in {}, {:.0f}/s over SMTP", sent, seconds_text(took),
                          static_cast<double>(sent) /
                              std::max(0.001, std::chrono::duration<double>(took).count())));
  check("audience is the segment", segment_size_, audience);
  check("messages sent or skipped", audience, sent + number(state, "skipped"));
  check("messages failed", 0, number(state, "failed"));
  check("mails received", sent,
        static_cast<int64_t>(mailbox_.wait_for(static_cast<size_t>(sent), kPoll * 20)));
}

/// One recipient at a mail program. `browser` follows links like one.
void DemoRun::play(HttpClient& browser, const DemoMail& mail) {
  const auto person = person_number(mail.to);
  if (!person) {
    ++wrong_names_;
    return;
  }
  const std::string name = make_person(shop_.seed, *person).first_name;
  if (mail.subject.rfind(name + ",", 0) != 0) ++wrong_names_;
  if (mail.open_path.empty() || mail.click_path.empty() || mail.unsubscribe_path.empty() ||
      !mail.one_click) {
    ++broken_links_;
    return;
  }
  const MailAnswer answer = answer_mail(shop_.seed, *person, kMailing);
  if (answer.opens) {
    broken_links_ += browser.send("GET", mail.open_path).status == 200 ? 0 : 1;
    ++opened_;
  }
  if (answer.clicks) {
    const HttpReply reply = browser.send("GET", mail.click_path);
    const bool leads = reply.status == 302 &&
                       reply.header("location") == "https://shop.example.com/spring?from=mail";
    broken_links_ += leads ? 0 : 1;
    ++clicked_;
  }
  if (answer.unsubscribes) {
    const HttpReply reply =
        browser.send("POST", mail.unsubscribe_path, "List-Unsubscribe=One-Click",
                     {{"Content-Type", "application/x-www-form-urlencoded"}});
    broken_links_ += reply.status == 200 ? 0 : 1;
    ++unsubscribed_;
  } else if (!looked_at_page_) {
    // Someone only looks: the page must not unsubscribe, or the counts below differ.
    broken_links_ += browser.send("GET", mail.unsubscribe_path).status == 200 ? 0 : 1;
    looked_at_page_ = true;
  }
}

void DemoRun::play_customers() {
  const std::vector<DemoMail> mails = mailbox_.take();
  HttpClient browser(options_.base_url);
  ProgressBar bar(options_.progress, "reading", "mails");
  const auto start = clock_.steady();
  std::set<std::string> recipients;
  for (size_t i = 0; i < mails.size(); ++i) {
    recipients.insert(mails[i].to);
    play(browser, mails[i]);
    bar.update(static_cast<double>(i + 1) / static_cast<double>(mails.size()), i + 1, since(start));
  }
  check("recipients, each once", static_cast<int64_t>(mails.size()),
        static_cast<int64_t>(recipients.size()));
  check("links that do not work", 0, broken_links_);
  check("mails to the wrong name", 0, wrong_names_);
}

void DemoRun::compare_counts() {
  const auto start = clock_.steady();
  json::value state = campaign();
  const auto settled = [&] {
    return number(state, "opened") >= opened_ && number(state, "clicked") >= clicked_ &&
           number(state, "unsubscribed") >= unsubscribed_;
  };
  while (!settled() && since(start) < kCountPatience) {
    pause_for(kPoll);
    state = campaign();
  }
  row("opened", std::to_string(number(state, "opened")));
  row("clicked", std::to_string(number(state, "clicked")));
  row("unsubscribed", std::to_string(number(state, "unsubscribed")));
  check("opens counted", opened_, number(state, "opened"));
  check("clicks counted", clicked_, number(state, "clicked"));
  check("unsubscriptions counted", unsubscribed_, number(state, "unsubscribed"));
}

}  // namespace

bool DemoOutcome::ok() const {
  for (const DemoCheck& one : checks) {
    if (!one.ok) return false;
  }
  return !checks.empty();
}

DemoOutcome run_demo(const DemoOptions& options) {
  try {
    return DemoRun(options).run();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    // Boost.JSON: a member that is absent or of another kind.
    throw Error(ErrorCode::kInternal, "the program's answer has another form than the demo needs",
                error.what());
  }
}

void print_demo_outcome(std::FILE* out, const DemoOutcome& outcome) {
  fmt::print(out, "\n");
  for (const DemoRow& row : outcome.rows) fmt::print(out, "  {:<18}{}\n", row.label, row.value);
  fmt::print(out, "\n");
  for (const DemoCheck& one : outcome.checks) {
    if (one.ok) {
      fmt::print(out, "  ok      {}: {}\n", one.what, one.found);
    } else {
      fmt::print(out, "  FAILED  {}: {} expected, {} found\n", one.what, one.expected, one.found);
    }
  }
  fmt::print(out, "\n");
  std::fflush(out);
}

}  // namespace rapport::demo
