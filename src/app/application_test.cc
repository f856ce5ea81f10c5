// The whole program in one process, on a folder of its own and a free port.
#include "app/application.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "access/access_services.h"
#include "app/data_folder.h"
#include "app/doctor.h"
#include "app/live_hub.h"
#include "base/error.h"
#include "base/text.h"
#include "http/client.h"
#include "stream/payload.h"

namespace rapport {
namespace {

class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    std::string pattern = testing::TempDir() + "/rapport-app-XXXXXX";
    root_ = mkdtemp(pattern.data());
    config_.data = root_ + "/data";
    config_.listen = "127.0.0.1:0";
    config_.io_threads = 1;
    config_.machine_click_seconds = 0;
    config_.warehouse_memory_mib = 128;
  }
  ~ApplicationTest() override { std::filesystem::remove_all(root_); }

  void init() {
    const DataFolder folder(config_.data);
    folder.create();
    SystemClock clock;
    const auto control = open_sqlite_state_store(folder.control());
    AccessServices access(*control, clock, load_or_create_secret_key(folder.secret_key()));
    const auto created =
        access.workspaces.initialise({"Shop", "owner@x.y", std::string("a long password"), "UTC"});
    write_key_ = created.write_key;
    admin_key_ = created.admin_key;
  }
  static HttpClient client_of(const Application& application) {
    return HttpClient("http://127.0.0.1:" + std::to_string(application.port()));
  }
  HttpHeaders admin() const { return {{"Authorization", "Bearer " + admin_key_}}; }
  HttpHeaders writer() const {
    return {{"Authorization", "Basic " + base64_encode(write_key_ + ":")}};
  }
  /// A member of a JSON answer.
  static std::string member(const HttpReply& reply, std::string_view path) {
    Payload payload;
    EXPECT_TRUE(payload.parse(reply.body)) << reply.status << " " << reply.body;
    return payload.text(path).value_or("");
  }
  /// The value of the first `"name":"…"` of a text.
  static std::string first_of(const std::string& text, const std::string& name) {
    const std::string mark = "\"" + name + "\":\"";
    const size_t at = text.find(mark);
    if (at == std::string::npos) return "";
    return text.substr(at + mark.size(), text.find('"', at + mark.size()) - at - mark.size());
  }

  std::string root_;
  Config config_;
  std::string write_key_;
  std::string admin_key_;
};

TEST_F(ApplicationTest, FromTheFirstEventToTheOpenedMail) {
  init();
  auto application = std::make_unique<Application>(config_);
  application->start();
  HttpClient http = client_of(*application);
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    const auto reply =
        http.send("POST", "/v1/batch?wait=true",
                  R"({"batch":[{"type":"identify","userId":"u)" + n + R"(","traits":{"email":"u)" +
                      n + R"(@x.example","name":"Ann )" + n + R"("}},{"type":"track","userId":"u)" +
                      n + R"(","event":"Order Completed","properties":{"total":)" +
                      std::to_string(10 * i) + R"(}}]})",
                  writer());
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, R"({"success":true,"applied":true})");
  }
  const auto customer = http.send("GET", "/api/v1/customers/by/user_id/u1", {}, admin());
  EXPECT_EQ(member(customer, "event_count"), "2");
  const auto segment = http.send(
      "POST", "/api/v1/segments",
      R"({"name":"Buyers","condition":{"event":"Order Completed","count":{"gte":1},"within":"1d",
          "where":[{"property":"total","op":"gte","value":10}]}})",
      admin());
  ASSERT_EQ(segment.status, 201) << segment.body;
  const auto campaign = http.send(
      "POST", "/api/v1/campaigns",
      R"({"name":"Thanks","segment_id":")" + member(segment, "id") +
          R"(","channel":"email","from":"shop@x.example","template":{"subject":"Hi {{ customer.traits.name }}",
          "html":"<a href=\"https://x.example/shop\">shop</a>"}})",
      admin());
  ASSERT_EQ(campaign.status, 201) << campaign.body;
  const std::string path = "/api/v1/campaigns/" + member(campaign, "id");
  ASSERT_EQ(http.send("POST", path + "/start", "{}", admin()).status, 202);
  HttpReply now;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  do {
    now = http.send("GET", path, {}, admin());
  } while (member(now, "status") != "done" && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(member(now, "status"), "done");
  EXPECT_EQ(member(now, "audience"), "2");
  EXPECT_EQ(member(now, "sent"), "2");

  const auto mails = http.send("GET", "/api/v1/sandbox/messages?to=u1@x.example", {}, admin());
  EXPECT_EQ(first_of(mails.body, "subject"), "Hi Ann 1");
  const auto link_of = [&](const std::string& kind) {
    const std::string mark = "/t/" + kind + "/";
    const size_t at = mails.body.find(mark);
    return mails.body.substr(at, mails.body.find_first_of("\\\"", at) - at);
  };
  EXPECT_EQ(http.send("GET", link_of("o")).status, 200);
  const auto click = http.send("GET", link_of("c"));
  EXPECT_EQ(click.status, 302);
  EXPECT_EQ(click.header("location"), "https://x.example/shop");
  std::string altered = link_of("c");
  altered[20] = altered[20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(http.send("GET", altered).status, 404);
  EXPECT_EQ(http.send("GET", link_of("u")).status, 200);
  EXPECT_EQ(http.send("POST", link_of("u"), "List-Unsubscribe=One-Click").status, 200);
  http.send("POST", "/v1/track?wait=true", R"({"userId":"u0","event":"Done"})", writer());
  now = http.send("GET", path, {}, admin());
  EXPECT_EQ(member(now, "opened"), "1");
  EXPECT_EQ(member(now, "clicked"), "1");
  EXPECT_EQ(member(now, "unsubscribed"), "1");
  application.reset();

  // What was acknowledged is there after a restart, and a replay ends in the same figures.
  const std::string figures = now.body;
  std::filesystem::remove_all(DataFolder(config_.data).state_folder());
  Application again(config_);
  const Offset end = again.rebuild();
  EXPECT_EQ(again.applied(), end);
  again.start();
  EXPECT_EQ(client_of(again).send("GET", path, {}, admin()).body, figures);
}

TEST_F(ApplicationTest, TheApiIsDescribedAsItIsServed) {
  init();
  const Application application(config_);
  const auto tree = std::filesystem::path(RAPPORT_TEST_DATA).parent_path().parent_path();
  std::ifstream file(tree / "api/openapi.json");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == application.openapi() + "\n")
      << "api/openapi.json is not what the program serves; `make openapi` writes it";
}

TEST_F(ApplicationTest, OneProgramAtATime) {
  try {
    Application early(config_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
  init();
  const Application first(config_);
  try {
    Application second(config_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConflict);
  }
}

TEST_F(ApplicationTest, AStartThatFailsEndsCleanly) {
  init();
  Application first(config_);
  first.start();
  Config other = config_;
  const std::string taken = "127.0.0.1:" + std::to_string(first.port());
  other.data = root_ + "/other";
  std::swap(config_.data, other.data);
  init();
  std::swap(config_.data, other.data);
  other.listen = taken;
  Application second(other);
  EXPECT_THROW(second.start(), Error);
}

TEST_F(ApplicationTest, ProjectionsAheadOfTheLogAreRefused) {
  init();
  {
    Application application(config_);
    application.start();
    client_of(application)
        .send("POST", "/v1/track?wait=true", R"({"userId":"u","event":"E"})", writer());
  }
  std::filesystem::remove_all(DataFolder(config_.data).log_folder());
  try {
    Application application(config_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorrupted);
  }
}

TEST_F(ApplicationTest, TheDoctorSaysWhatIsWrong) {
  const auto bad = [&] {
    std::vector<std::string> subjects;
    for (const Finding& finding : diagnose(config_)) {
      if (finding.grade == Finding::Grade::kBad) subjects.push_back(finding.subject);
    }
    return subjects;
  };
  using Subjects = std::vector<std::string>;
  EXPECT_EQ(bad(), Subjects{"data folder"});
  init();
  EXPECT_EQ(bad(), Subjects{});
  {
    Application application(config_);
    application.start();
    client_of(application)
        .send("POST", "/v1/track?wait=true", R"({"userId":"u","event":"E"})", writer());
    EXPECT_EQ(bad(), Subjects{});
  }
  EXPECT_EQ(bad(), Subjects{});
  config_.tls_certificate = root_ + "/missing.pem";
  EXPECT_EQ(bad(), Subjects{"tls"});
  config_.tls_certificate.clear();
  const DataFolder folder(config_.data);
  std::filesystem::permissions(folder.secret_key(), std::filesystem::perms(0644));
  EXPECT_EQ(bad(), Subjects{"secret key"});
  std::filesystem::permissions(folder.secret_key(), std::filesystem::perms(0600));
  std::filesystem::remove_all(folder.log_folder());
  folder.create();
  EXPECT_EQ(bad(), Subjects{"projections"});
  std::FILE* nowhere = std::fopen("/dev/null", "w");
  EXPECT_EQ(print_diagnosis(nowhere, diagnose(config_)), 1);
  std::fclose(nowhere);
}

TEST_F(ApplicationTest, TheFolderIsItsOwnersOnly) {
  init();
  const auto mode = [](const std::string& path) {
    return std::filesystem::status(path).permissions() & std::filesystem::perms(0077);
  };
  const DataFolder folder(config_.data);
  EXPECT_EQ(mode(folder.root), std::filesystem::perms::none);
  EXPECT_EQ(mode(folder.log_folder()), std::filesystem::perms::none);
  EXPECT_EQ(mode(folder.secret_key()), std::filesystem::perms::none);
  const FolderLock lock(folder);
  EXPECT_THROW(FolderLock second(folder), Error);
  Config blocked;
  std::ofstream(root_ + "/file") << "x";
  EXPECT_THROW(DataFolder(root_ + "/file/data").create(), Error);
}

/// Counts what it is sent.
class FakeSession final : public WebSocketSession {
 public:
  bool send(std::string text) override {
    const std::lock_guard lock(mutex_);
    all_ += text + '\n';
    last_ = std::move(text);
    ++count_;
    changed_.notify_all();
    return true;
  }
  void close() override {}
  std::string await(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= count; }));
    return last_;
  }
  bool await_text(const std::string& wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return all_.find(wanted) != std::string::npos; });
  }
  bool has(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return all_.find(text) != std::string::npos;
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string last_;
  std::string all_;
  int count_ = 0;
};

Request request_of(uint64_t workspace) {
  Request request;
  request.caller.workspace = workspace;
  return request;
}

TEST(LiveHub, TellsEveryOpenConsole) {
  ManualClock clock{from_micros(1)};
  LiveHub hub(clock, [](const Caller&, Permission) { return true; });
  hub.changed(1);  // nobody listens
  const auto one = std::make_shared<FakeSession>();
  const auto two = std::make_shared<FakeSession>();
  auto first = hub.connect(request_of(1));
  auto second = hub.connect(request_of(1));
  first->on_open(one);
  second->on_open(two);
  for (Offset at = 2; at <= 1'000; ++at) hub.changed(at);
  EXPECT_TRUE(one->await(1).starts_with(R"({"type":"changed","applied":)"));
  two->await(1);
  first->on_message("ignored");
  first->on_close();
  hub.stop();
  // A thousand changes in a moment are few messages.
  EXPECT_LE(one->count(), 3);
  hub.changed(1'001);
  second->on_close();
}

TEST(LiveHub, LetsTheNextOneInWhenTheLastOneLeftInAHurry) {
  ManualClock clock{from_micros(1)};
  LiveHub hub(clock, [](const Caller&, Permission) { return true; });
  auto first = hub.connect(request_of(1));
  std::promise<void> left;
  bool here = true;
  hub.add_topic("events", Permission::kEventsRead, [&](WorkspaceId, Offset, Offset) {
    if (std::exchange(here, false)) {
      hub.changed(2);  // to be told of, when nobody is there any more
      first->on_close();
      left.set_value();
    }
    return std::string();
  });
  first->on_open(std::make_shared<FakeSession>());
  first->on_message(R"({"subscribe":["events"]})");
  left.get_future().get();
  // Past the hub's pace, in which it would let anyone in.
  std::promise<void> never;
  never.get_future().wait_for(std::chrono::milliseconds(400));
  const auto next = std::make_shared<FakeSession>();
  auto second = hub.connect(request_of(1));
  second->on_open(next);
  hub.changed(3);
  EXPECT_EQ(next->await(1), R"({"type":"changed","applied":3})");
  second->on_close();
}

TEST(LiveHub, TellsATopicToWhomItConcernsOnly) {
  ManualClock clock{from_micros(1)};
  LiveHub hub(clock, [](const Caller& caller, Permission permission) {
    return permission == Permission::kEventsRead || caller.role == "owner";
  });
  hub.add_topic("events", Permission::kEventsRead, [](WorkspaceId workspace, Offset, Offset) {
    return std::to_string(workspace.value);
  });
  hub.add_topic("secrets", Permission::kSettingsRead,
                [](WorkspaceId, Offset, Offset) { return std::string("\"secret\""); });
  const auto one = std::make_shared<FakeSession>();
  const auto other = std::make_shared<FakeSession>();
  auto first = hub.connect(request_of(1));
  auto second = hub.connect(request_of(2));
  first->on_open(one);
  second->on_open(other);
  first->on_message(R"({"subscribe":["events","secrets","no such topic"]})");
  second->on_message(R"({"subscribe":["events"]})");
  EXPECT_TRUE(one->await_text(R"({"topic":"events","data":1})"));
  EXPECT_TRUE(other->await_text(R"({"topic":"events","data":2})"));
  hub.stop();
  EXPECT_FALSE(one->has("secret"));
  EXPECT_FALSE(one->has(R"("data":2)"));
  first->on_close();
  second->on_close();
}

}  // namespace
}  // namespace rapport
