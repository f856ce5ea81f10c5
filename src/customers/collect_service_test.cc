#include "customers/collect_service.h"

#include <gtest/gtest.h>

#include <future>

#include "base/text.h"
#include "customers/customers_test_support.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using customers_test::kNow;
using customers_test::kShop;
using customers_test::World;

class CollectServiceTest : public testing::Test {
 protected:
  CollectServiceTest() {
    writer_.on_appended([this](Offset end) { world_.projector.notify(end); });
    writer_.start();
    world_.projector.start();
  }
  ~CollectServiceTest() override {
    log_.release();
    writer_.stop();
    world_.projector.stop();
  }

  Response collect(Request request, std::optional<EventType> type = EventType::kTrack) {
    return await([&](ResponseSender send) {
      service_.collect(std::make_shared<Request>(std::move(request)), type, false, send);
    });
  }
  Response pixel(Request request) {
    return await([&](ResponseSender send) {
      service_.pixel(std::make_shared<Request>(std::move(request)), EventType::kTrack, send);
    });
  }
  static Request post(std::string body) {
    Request request;
    request.method = "POST";
    request.headers = {{"authorization", "Basic " + base64_encode("wk:")}};
    request.body = std::move(body);
    return request;
  }
  static Request get(std::string data) {
    Request request;
    request.method = "GET";
    request.query = {{"data", std::move(data)}};
    return request;
  }

  ManualClock clock_{kNow};
  World world_;
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  stream_test::TestLog log_;
  LogWriter writer_{log_, *index_, clock_};
  // The projector of this world reads the world's own log, which stays empty: only `wait` needs it.
  MetricsRegistry metrics_;
  SeededRandom random_{3};
  CollectService service_{writer_,
                          world_.projector,
                          [](std::string_view key) -> std::optional<WorkspaceId> {
                            if (key == "wk") return kShop;
                            return std::nullopt;
                          },
                          clock_,
                          random_,
                          metrics_};

 private:
  static Response await(const std::function<void(ResponseSender)>& ask) {
    auto answer = std::make_shared<std::promise<Response>>();
    auto future = answer->get_future();
    ask([answer](Response response) { answer->set_value(std::move(response)); });
    return future.get();
  }
};

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST_F(CollectServiceTest, AnswersAsTheTrackingApiAsks) {
  Response response = collect(post(R"({"userId":"u","event":"E","messageId":"m"})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"success":true})");
  EXPECT_EQ(log_.end(), 1u);
  // A repeated id is acknowledged and stored once.
  EXPECT_EQ(collect(post(R"({"userId":"u","event":"E","messageId":"m"})")).status, 200);
  EXPECT_EQ(log_.end(), 1u);
  EXPECT_EQ(collect(post("{")).status, 400);
  EXPECT_EQ(collect(post(R"({"userId":"u"})")).status, 400);
  EXPECT_EQ(log_.end(), 2u);  // kept as rejected
  response = collect(post(R"({"batch":[{"type":"track","userId":"u"}]})"), std::nullopt);
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find(R"("rejected":[{"index":0,"field":"event")"), std::string::npos);

  Request unknown = post(R"({"userId":"u","event":"E"})");
  unknown.headers = {{"x-write-key", "wk_wrong"}, {"origin", "https://shop.example"}};
  response = collect(unknown);
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find(R"("success":false)"), std::string::npos);
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(header_of(response, "Access-Control-Expose-Headers").substr(0, 11), "Retry-After");
}

TEST_F(CollectServiceTest, AFullDiskIs503AndOverloadIs429) {
  log_.fail_from(1);
  const Response failed = collect(post(R"({"userId":"u","event":"E"})"));
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(pixel(get(R"({"writeKey":"wk","userId":"u","event":"E"})")).content_type, "image/gif");
  log_.fail_from(0);
  writer_.stop();
  EXPECT_EQ(collect(post(R"({"userId":"u","event":"E"})")).status, 503);
  EXPECT_EQ(pixel(get(R"({"writeKey":"wk","userId":"u","event":"E"})")).content_type, "image/gif");
}

TEST_F(CollectServiceTest, APixelWhateverHappens) {
  // Base64 of this text holds a plus sign, which a query string turns into a space.
  const std::string json = R"({"writeKey":"wk","userId":"u","event":"~~~>>>???"})";
  std::string with_space = base64_encode(json);
  ASSERT_NE(with_space.find('+'), std::string::npos);
  std::replace(with_space.begin(), with_space.end(), '+', ' ');
  const std::pair<std::string, Offset> cases[]{
      {json, 1},
      {base64_encode(json), 2},
      {with_space, 3},
      {base64url_encode(json), 4},
      {"", 4},
      {"{", 4},
      {"%%%", 4},
      {R"({"writeKey":"no"})", 4},
      {"{\"writeKey\":\"wk\"}", 5},  // kept as rejected
  };
  for (const auto& [data, end] : cases) {
    const Response response = pixel(get(data));
    EXPECT_EQ(response.status, 200) << data;
    EXPECT_EQ(response.content_type, "image/gif") << data;
    EXPECT_EQ(response.body.size(), 43u);
    EXPECT_EQ(log_.end(), end) << data;
  }
}

TEST(CollectKey, OfTheHeader) {
  const auto key = [](std::vector<std::pair<std::string, std::string>> headers,
                      std::vector<std::pair<std::string, std::string>> query = {}) {
    Request request;
    request.headers = std::move(headers);
    request.query = std::move(query);
    return header_write_key(request);
  };
  EXPECT_EQ(key({{"authorization", "Basic " + base64_encode("wk:")}}), "wk");
  EXPECT_EQ(key({{"authorization", "basic  " + base64_encode("wk")}}), "wk");
  EXPECT_EQ(key({{"authorization", "Basic " + base64_encode("wk:secret")}}), "wk");
  EXPECT_EQ(key({{"authorization", "Bearer wk"}}), "");
  EXPECT_EQ(key({{"authorization", "Basic !!"}}), "");
  EXPECT_EQ(key({{"authorization", "Basic"}}), "");
  EXPECT_EQ(key({{"x-write-key", "wk"}}), "wk");
  EXPECT_EQ(key({{"authorization", "Bearer t"}, {"x-write-key", "wk"}}), "wk");
  EXPECT_EQ(key({}, {{"writeKey", "wk"}}), "wk");
  EXPECT_EQ(key({}), "");
}

}  // namespace
}  // namespace rapport
