#include "customers/import/import_jobs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "access/access_test_support.h"
#include "base/limits/console.h"

namespace rapport {
namespace {

/// Takes what is posted; can be told to hold requests back until `open`.
struct Sink {
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;
  size_t requests = 0;
  WorkspaceId workspace;

  void open() {
    {
      const std::lock_guard lock(mutex);
      held = false;
    }
    changed.notify_all();
  }
  ImportReply take() {
    std::unique_lock lock(mutex);
    ++requests;
    changed.notify_all();
    changed.wait(lock, [this] { return !held; });
    return {200, R"({"accepted":2,"duplicates":0,"rejected":[]})", std::nullopt};
  }
  void wait_for_request() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return requests > 0; });
  }
};

struct SinkTransport final : ImportTransport {
  explicit SinkTransport(Sink& s) : sink(s) {}
  ImportReply post(const std::string&, std::string_view) override { return sink.take(); }
  Sink& sink;
};

class ImportJobsTest : public AccessTest {
 protected:
  ImportJobsTest() : shop(add_workspace("Shop")), other(add_workspace("Other")) {
    folder = std::filesystem::temp_directory_path() / ("imports-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    reopen();
  }
  ~ImportJobsTest() override {
    jobs.reset();
    std::filesystem::remove_all(folder);
  }
  void reopen() {
    jobs = std::make_unique<ImportJobs>(
        *control, folder, access->audit, clock, [this](WorkspaceId workspace) -> TransportFactory {
          sink.workspace = workspace;
          return [this] { return std::make_unique<SinkTransport>(sink); };
        });
  }
  uint64_t uploaded(const std::string& text, const std::string& name = "people.csv") {
    const auto size = static_cast<int64_t>(text.size());
    const uint64_t id = jobs->create(shop, name, size, Actor::system()).id;
    jobs->upload(shop, id, 0, text);
    return id;
  }
  ImportJob ended(uint64_t id) {
    for (;;) {
      const ImportJob job = jobs->get(shop, id);
      if (job.status >= ImportStatus::kDone) return job;
      std::this_thread::yield();
    }
  }

  WorkspaceId shop;
  WorkspaceId other;
  std::filesystem::path folder;
  Sink sink;
  std::unique_ptr<ImportJobs> jobs;
};

constexpr std::string_view kPeople = "id;name;points\n1;Ánh;5\n2;Zoë;many\n3;李;7\n;nobody;1\n";
constexpr std::string_view kMapping =
    R"({"name":"people","csv":{"delimiter":";"},"user_id":"id",)"
    R"("traits":{"name":"name","points":{"column":"points","cast":"number"}}})";

TEST_F(ImportJobsTest, UploadsInPartsThatMustFit) {
  const uint64_t id = jobs->create(shop, "a.csv", 6, Actor::system()).id;
  EXPECT_EQ(jobs->upload(shop, id, 0, "abc").received, 3);
  EXPECT_EQ(error_of([&] { jobs->upload(shop, id, 0, "abc"); }), ErrorCode::kConflict);
  EXPECT_EQ(error_of([&] { jobs->upload(shop, id, 4, "c"); }), ErrorCode::kConflict);
  EXPECT_EQ(field_of([&] { jobs->upload(shop, id, 3, "defg"); }), "body");
  EXPECT_EQ(error_of([&] { jobs->sample(shop, id); }), ErrorCode::kConflict);
  EXPECT_EQ(error_of([&] { jobs->upload(other, id, 3, "def"); }), ErrorCode::kNotFound);
  EXPECT_EQ(jobs->upload(shop, id, 3, "def").status, ImportStatus::kUploaded);
  EXPECT_EQ(error_of([&] { jobs->upload(shop, id, 6, "g"); }), ErrorCode::kConflict);
}

TEST_F(ImportJobsTest, BoundsWhatIsAnnounced) {
  const auto create = [&](std::string_view name, int64_t size) {
    return field_of([&] { jobs->create(shop, name, size, Actor::system()); });
  };
  EXPECT_EQ(create("", 1), "file_name");
  EXPECT_EQ(create("a\nb", 1), "file_name");
  EXPECT_EQ(create(std::string(300, 'x'), 1), "file_name");
  EXPECT_EQ(create("a", 0), "size");
  EXPECT_EQ(create("a", limits::kMaxImportFileBytes + 1), "size");
  for (int i = 0; i < limits::kMaxUploadingImports; ++i) EXPECT_EQ(create("a", 9), "");
  EXPECT_EQ(error_of([&] { jobs->create(shop, "a", 9, Actor::system()); }),
            ErrorCode::kUnprocessable);
  EXPECT_EQ(error_of([&] { jobs->create(other, "a", 9, Actor::system()); }), std::nullopt);
}

TEST_F(ImportJobsTest, LooksAtTheFirstRows) {
  const ImportSample sample = jobs->sample(shop, uploaded(std::string(kPeople)));
  EXPECT_EQ(sample.format, "csv");
  EXPECT_EQ(sample.delimiter, ";");
  EXPECT_EQ(sample.columns, (std::vector<std::string>{"id", "name", "points"}));
  ASSERT_EQ(sample.rows.size(), 4u);
  EXPECT_EQ(sample.rows[2][1], "李");

  const uint64_t json = uploaded("{\"a\":{\"b\":1},\"c\":\"x\"}\nnot json\n{\"d\":[1]}\n", "e.txt");
  const ImportSample lines = jobs->sample(shop, json);
  EXPECT_EQ(lines.format, "jsonl");
  EXPECT_EQ(lines.columns, (std::vector<std::string>{"a.b", "c", "d"}));
  EXPECT_EQ(field_of([&] { jobs->sample(shop, uploaded(" \n")); }), "file");
}

TEST_F(ImportJobsTest, PreviewsAndRuns) {
  const uint64_t id = uploaded(std::string(kPeople));
  const ImportPreview preview = jobs->preview(shop, id, kMapping);
  EXPECT_EQ(preview.events.size(), 2u);
  ASSERT_EQ(preview.refused.size(), 2u);
  EXPECT_EQ(preview.refused[0].line, 3u);
  EXPECT_EQ(error_of([&] { jobs->begin(shop, id, R"({"name":"x"})", Actor::system()); }),
            ErrorCode::kInvalidArgument);
  jobs->begin(shop, id, kMapping, Actor::system());
  EXPECT_EQ(error_of([&] { jobs->begin(shop, id, kMapping, Actor::system()); }),
            ErrorCode::kConflict);
  jobs->start();
  const ImportJob done = ended(id);
  EXPECT_EQ(done.status, ImportStatus::kDone) << done.error;
  EXPECT_EQ(sink.workspace, shop);
  EXPECT_EQ(done.rows, 4);
  EXPECT_NE(done.report.find("\"refused_rows\":2"), std::string::npos) << done.report;
  const auto piece = jobs->refused_csv(shop, id);
  EXPECT_NE(piece().find("nobody"), std::string::npos);
  EXPECT_EQ(piece(), "");
  EXPECT_EQ(error_of([&] { jobs->refused_csv(other, id); }), ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder / std::to_string(id) / "data"));
  jobs->remove(shop, id, Actor::system());
  EXPECT_EQ(error_of([&] { jobs->get(shop, id); }), ErrorCode::kNotFound);
}

TEST_F(ImportJobsTest, AStopInTheMiddleIsRunAgain) {
  const uint64_t id = uploaded(std::string(kPeople));
  jobs->begin(shop, id, kMapping, Actor::system());
  sink.held = true;
  jobs->start();
  sink.wait_for_request();
  auto stopped = std::async(std::launch::async, [this] { jobs->stop(); });
  sink.open();
  stopped.get();
  const ImportStatus left = jobs->get(shop, id).status;
  EXPECT_TRUE(left == ImportStatus::kRunning || left == ImportStatus::kDone);
  reopen();
  jobs->start();
  EXPECT_EQ(ended(id).status, ImportStatus::kDone);
}

TEST_F(ImportJobsTest, CancelsWhatWaitsAndForgetsWhatIsOld) {
  const uint64_t id = uploaded(std::string(kPeople));
  jobs->begin(shop, id, kMapping, Actor::system());
  EXPECT_EQ(error_of([&] { jobs->remove(shop, id, Actor::system()); }), ErrorCode::kConflict);
  EXPECT_EQ(jobs->cancel(shop, id, Actor::system()).status, ImportStatus::kCancelled);
  EXPECT_EQ(error_of([&] { jobs->cancel(shop, id, Actor::system()); }), ErrorCode::kConflict);
  jobs->create(shop, "half.csv", 9, Actor::system());
  jobs->maintain();
  EXPECT_EQ(jobs->list(shop, 0, 10).size(), 2u);
  clock.advance(std::chrono::hours(25));
  jobs->maintain();
  EXPECT_EQ(jobs->list(shop, 0, 10).size(), 1u);
  clock.advance(limits::kImportKept);
  jobs->maintain();
  EXPECT_TRUE(jobs->list(shop, 0, 10).empty());
}

}  // namespace
}  // namespace rapport
