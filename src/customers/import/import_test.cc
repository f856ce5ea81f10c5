#include "customers/import/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <unordered_set>

#include "base/error.h"
#include "base/limits.h"
#include "customers/import/progress_bar.h"

namespace rapport {
namespace {

/// A program that takes imports: counts, and knows message ids it has seen.
class FakeProgram {
 public:
  /// Statuses to answer first, before requests are taken; 0 loses the connection after the request
  /// was taken.
  std::vector<int> troubles;
  std::string reject_containing;

  ImportReply take(const std::string& path, std::string_view body) {
    const std::lock_guard lock(mutex_);
    ++requests;
    EXPECT_LE(body.size(), limits::kMaxImportBatchBytes);
    int trouble = 200;
    if (!troubles.empty()) {
      trouble = troubles.front();
      troubles.erase(troubles.begin());
    }
    if (trouble != 200 && trouble != 0) {
      return {trouble, R"({"detail":"no"})", std::chrono::seconds(3)};
    }
    if (path.ends_with("?wait=true")) ++waits;
    const std::string reply = settle(body);
    if (trouble == 0) throw Error(ErrorCode::kUnavailable, "connection lost");
    return {200, reply, std::nullopt};
  }

  TransportFactory transports() {
    struct Transport final : ImportTransport {
      explicit Transport(FakeProgram& p) : program(p) {}
      ImportReply post(const std::string& path, std::string_view body) override {
        return program.take(path, body);
      }
      FakeProgram& program;
    };
    return [this] { return std::make_unique<Transport>(*this); };
  }

  int requests = 0;
  int waits = 0;
  std::map<std::string, uint64_t> names;
  std::unordered_set<std::string> users;
  double total = 0;
  uint64_t products = 0;

 private:
  std::string settle(std::string_view body) {
    simdjson::dom::array batch = parser_.parse(body.data(), body.size())["batch"].get_array();
    EXPECT_LE(batch.size(), limits::kImportRequestEvents);
    std::string rejected;
    uint64_t added = 0, duplicates = 0, index = 0;
    for (const simdjson::dom::element event : batch) {
      const std::string id = text(event["messageId"]);
      if (!reject_containing.empty() &&
          simdjson::minify(event).find(reject_containing) != std::string::npos) {
        rejected += (rejected.empty() ? "" : ",") + std::string(R"({"index":)") +
                    std::to_string(index) + R"(,"reason":"bad","message_id":")" + id + "\"}";
      } else if (!seen_.insert(id).second) {
        ++duplicates;
      } else {
        ++added;
        count(event);
      }
      ++index;
    }
    return R"({"accepted":)" + std::to_string(added) + R"(,"duplicates":)" +
           std::to_string(duplicates) + R"(,"rejected":[)" + rejected + "]}";
  }
  static std::string text(simdjson::simdjson_result<simdjson::dom::element> value) {
    return std::string(std::string_view(value.get_string()));
  }
  void count(simdjson::dom::element event) {
    const bool track = text(event["type"]) == "track";
    ++names[track ? text(event["event"]) : "identify"];
    users.insert(text(event["userId"]));
    double amount = 0;
    if (event["properties"]["total"].get(amount) != simdjson::SUCCESS) return;
    total += amount;
    products += event["properties"]["products"].get_array().size();
  }

  simdjson::dom::parser parser_;
  std::mutex mutex_;
  std::unordered_set<std::string> seen_;
};

struct NoProgress final : ProgressSink {
  void progress(const ImportProgress& p) override {
    EXPECT_LE(p.bytes_read, p.bytes_total);
    EXPECT_LE(p.events_sent, p.events_made);
    ++calls;
  }
  int calls = 0;
};

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("rapport_import_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  ImportOptions contacts(const std::string& rows) {
    ImportOptions options;
    options.file = write("contacts.csv", "id,name\n" + rows);
    options.mapping_path = write(
        "m.json", R"({"name":"c","user_id":"id","event":"Seen","properties":{"name":"name"}})");
    return options;
  }
  std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
  NoProgress progress_;
};

TEST_F(ImportTest, ReportsWhatHappened) {
  std::string rows;
  for (int i = 0; i < 1'200; ++i) rows += std::to_string(i) + ",n\n";
  FakeProgram program;
  program.reject_containing = "\"77\"";
  const ImportOptions options = contacts(rows + "1,2,3\n,x\n5,n\n");
  const ImportReport report = run_import(options, program.transports(), progress_);
  EXPECT_EQ(report.rows, 1'203u);
  EXPECT_EQ(report.refused_rows(), 2u);
  EXPECT_EQ(report.customers, 1'200u);
  const auto* seen = report.find_event("Seen");
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->made, 1'201u);
  EXPECT_EQ(seen->sent, 1'201u);
  EXPECT_EQ(seen->added, 1'199u);
  EXPECT_EQ(seen->duplicates, 1u);
  EXPECT_EQ(seen->rejected, 1u);
  EXPECT_EQ(program.requests, 3);
  EXPECT_EQ(program.waits, 1);
  EXPECT_EQ(report.refused_path, options.file + ".refused.csv");
  // Rows are refused while events are under way, so their order is not fixed.
  std::istringstream refused(read(report.refused_path));
  std::string line;
  std::vector<std::string> lines;
  while (std::getline(refused, line)) lines.push_back(line);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0], "line,reason,id,name");
  EXPECT_THAT(lines, testing::UnorderedElementsAre(lines[0], "1202,more cells than columns",
                                                   "1203,without an identifier,,x",
                                                   "79,rejected by the program: bad"));
  const ImportReport again = run_import(options, program.transports(), progress_);
  EXPECT_EQ(again.find_event("Seen")->added, 0u);
  EXPECT_EQ(program.users.size(), 1'199u);
}

TEST_F(ImportTest, EveryRefusedRowIsKept) {
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += ",x\n";
  FakeProgram program;
  ImportOptions options = contacts(rows);
  options.refused_path = folder_ / "elsewhere.csv";
  const ImportReport report = run_import(options, program.transports(), progress_);
  EXPECT_EQ(report.refused_rows(), 100u);
  const std::string text = read(options.refused_path);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 101);
  EXPECT_EQ(report.refused_left_out, 0u);
  EXPECT_EQ(program.requests, 0);
}

TEST_F(ImportTest, ADryRunSendsNothing) {
  ImportOptions options = contacts("1,a\n2,b\n");
  options.dry_run = true;
  FakeProgram program;
  const ImportReport report = run_import(options, program.transports(), progress_);
  EXPECT_EQ(report.find_event("Seen")->made, 2u);
  EXPECT_EQ(report.find_event("Seen")->sent, 0u);
  EXPECT_EQ(program.requests, 0);
}

std::vector<ImportEvent> events(int count) {
  std::vector<ImportEvent> result;
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    result.push_back(
        {"E", id,
         R"({"type":"track","event":"E","userId":"u","messageId":")" + id + R"(","properties":{}})",
         static_cast<uint64_t>(i)});
  }
  return result;
}

TEST(Uploader, RepeatsWhatWasNotTaken) {
  FakeProgram program;
  program.troubles = {503, 0, 429, 200, 504, 200, 0};
  std::mutex mutex;
  std::vector<std::chrono::milliseconds> pauses;
  UploaderOptions options;
  options.connections = 1;
  options.request_events = 10;
  options.pause = [&](std::chrono::milliseconds wait) {
    const std::lock_guard lock(mutex);
    pauses.push_back(wait);
  };
  uint64_t added = 0, duplicates = 0;
  Uploader uploader(program.transports(), options, [&](UploadResult result) {
    added += result.added;
    duplicates += result.duplicates;
  });
  for (ImportEvent& event : events(100)) uploader.add(std::move(event));
  uploader.finish([] {});
  EXPECT_EQ(program.names["E"], 100u);
  EXPECT_EQ(added + duplicates, 100u);
  EXPECT_EQ(uploader.events_sent(), 100u);
  EXPECT_EQ(program.waits, 1);
  ASSERT_EQ(pauses.size(), 5u);
  EXPECT_EQ(pauses[0], std::chrono::seconds(3));         // Retry-After
  EXPECT_EQ(pauses[1], std::chrono::milliseconds(400));  // lost: doubled each time
}

TEST(Uploader, RequestsAreBoundedByBytesAndNames) {
  FakeProgram program;
  UploaderOptions options;
  options.request_bytes = 1'000;
  uint64_t sent = 0;
  std::map<std::string, int> requests;
  Uploader uploader(program.transports(), options, [&](UploadResult result) {
    EXPECT_LE(result.sent * 60, options.request_bytes);
    sent += result.sent;
    ++requests[result.name];
  });
  for (ImportEvent& event : events(400)) {
    if (event.line % 2 == 1) event.name = "rare " + std::to_string(event.line);
    uploader.add(std::move(event));
  }
  uploader.finish([] {});
  EXPECT_EQ(sent, 400u);
  EXPECT_EQ(requests.size(), 201u);
  EXPECT_EQ(program.names["E"], 400u);
  EXPECT_LE(requests["E"], 20);
}

TEST(Uploader, GivesUpWithTheProgramsWords) {
  const std::pair<int, ErrorCode> cases[] = {
      {401, ErrorCode::kUnauthenticated}, {403, ErrorCode::kPermissionDenied},
      {404, ErrorCode::kNotFound},        {413, ErrorCode::kUnprocessable},
      {500, ErrorCode::kUnavailable},     {503, ErrorCode::kUnavailable}};
  for (const auto& [status, code] : cases) {
    FakeProgram program;
    program.troubles.assign(100, status);
    UploaderOptions options;
    options.attempts = 3;
    options.request_events = 5;
    options.pause = [](std::chrono::milliseconds) {};
    Uploader uploader(program.transports(), options, [](UploadResult) {});
    try {
      for (ImportEvent& event : events(200)) uploader.add(std::move(event));
      uploader.finish([] {});
      ADD_FAILURE() << status;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << status;
      EXPECT_THAT(error.public_detail(), testing::HasSubstr(": no"));
    }
  }
}

TEST(ProgressBar, ShowsRateAndTimeLeft) {
  const ProgressBar bar(stderr, "import", "rows");
  EXPECT_EQ(bar.render(0.25, 50'000, std::chrono::seconds(10)),
            "import [#######.......................]  25 %  50000 rows  5000/s  30 s left");
  EXPECT_EQ(bar.render(0, 0, std::chrono::milliseconds(0)),
            "import [..............................]   0 %  0 rows");
}

// The shipped mapping on the public data set it is made for; figures counted apart in Python.
TEST_F(ImportTest, OnlineRetail) {
  ImportOptions options;
  options.file = RAPPORT_SHARED_DATA "/online-retail/online-retail.csv.gz";
  options.mapping_path =
      std::filesystem::path(RAPPORT_TEST_DATA "/../../mappings/online-retail.json")
          .lexically_normal();
  options.refused_path = folder_ / "refused.csv";
  if (!std::filesystem::exists(options.file)) GTEST_SKIP() << "no " << options.file;
  FakeProgram program;
  const ImportReport report = run_import(options, program.transports(), progress_);
  EXPECT_EQ(report.rows, 541'909u);
  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].reason, "without a customer");
  EXPECT_EQ(report.refused[0].rows, 135'080u);
  EXPECT_EQ(report.customers, 4'372u);
  EXPECT_EQ(program.users.size(), 4'372u);
  EXPECT_EQ(program.names["Order Completed"], 18'536u);
  EXPECT_EQ(program.names["Order Refunded"], 3'654u);
  EXPECT_EQ(program.names["identify"], 4'372u);
  EXPECT_EQ(program.products, 541'909u - 135'080u);
  EXPECT_NEAR(program.total, 9'522'749.99, 0.005);  // 8,911,407.90 sold, 611,342.09 returned
  EXPECT_EQ(program.waits, 1);
  EXPECT_GT(progress_.calls, 100);
  const ImportReport again = run_import(options, program.transports(), progress_);
  for (const auto& event : again.events) {
    EXPECT_EQ(event.added, 0u) << event.name;
    EXPECT_EQ(event.duplicates, event.made) << event.name;
  }
  RecordProperty("first_ms", static_cast<int>(report.elapsed.count()));
}

}  // namespace
}  // namespace rapport
