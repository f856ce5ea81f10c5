#include "customers/import/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/error.h"
#include "customers/import/jsonl_reader.h"

namespace rapport {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Hands out a few bytes at a time, so that every border falls between two reads.
class DrippingSource final : public ByteSource {
 public:
  DrippingSource(std::string text, size_t step) : text_(std::move(text)), step_(step) {}
  size_t read(char* into, size_t size) override {
    const size_t count = std::min({size, step_, text_.size() - at_});
    std::copy_n(text_.data() + at_, count, into);
    at_ += count;
    return count;
  }
  uint64_t stored_position() const override { return at_; }
  uint64_t stored_size() const override { return text_.size(); }

 private:
  std::string text_;
  size_t step_;
  size_t at_ = 0;
};

Rows read_rows(ByteSource& source, CsvOptions options = {}) {
  CsvReader reader(source, std::move(options));
  Rows rows{reader.columns()};
  while (reader.next()) rows.emplace_back(reader.cells().begin(), reader.cells().end());
  return rows;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(CsvReader, ReadsRowsWhateverTheReadBorders) {
  struct Case {
    const char* text;
    Rows rows;
  };
  const Case cases[] = {
      {"a,b\n1,2\n3,4\n", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"a,b\r\n1,2\r\n3,4", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"\xEF\xBB\xBF\"a\",b\n1,\n", {{"a", "b"}, {"1", ""}}},
      {"a,b\n\n\r\n1,2\n\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\n\"x,y\",\"two\nlines\"\n", {{"a", "b"}, {"x,y", "two\nlines"}}},
      {"a,b\n\"say \"\"hi\"\"\",\"\"\"\"\r\n", {{"a", "b"}, {"say \"hi\"", "\""}}},
      {"a,b\n\"\",\"\"\n", {{"a", "b"}, {"", ""}}},
      {"a,b\n12\" ruler,x\n", {{"a", "b"}, {"12\" ruler", "x"}}},
      {"a,b\nmid\rreturn,x\r", {{"a", "b"}, {"mid\rreturn", "x"}}},
      {"a\n\"crlf\r\ninside\"\r\n", {{"a"}, {"crlf\r\ninside"}}},
      {"a,b\n1,2,3\n4\n", {{"a", "b"}, {"1", "2", "3"}, {"4"}}},
      {"tên,名前\nHà Nội,東京\n", {{"tên", "名前"}, {"Hà Nội", "東京"}}},
      {"a,b\n", {{"a", "b"}}},
  };
  for (const Case& c : cases) {
    for (size_t step = 1; step < 12; ++step) {
      DrippingSource source(c.text, step);
      EXPECT_EQ(read_rows(source), c.rows) << c.text << " in steps of " << step;
    }
  }
}

TEST(CsvReader, RowProblemsDoNotEndTheFile) {
  DrippingSource source("a,b\n1\n1,2\n1,2,3\n\xFF,2\n", 100);
  CsvReader reader(source, {});
  std::vector<std::string> problems;
  std::vector<uint64_t> lines;
  while (reader.next()) {
    problems.emplace_back(reader.problem());
    lines.push_back(reader.line());
  }
  EXPECT_THAT(problems, testing::ElementsAre("fewer cells than columns", "",
                                             "more cells than columns", "not UTF-8"));
  EXPECT_THAT(lines, testing::ElementsAre(2, 3, 4, 5));
}

TEST(CsvReader, DamageNamesTheLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"a\n\"open", "line 2: "},
      {"a\n\"x\"y\n", "line 2: "},
      {"a\n\"two\nlines\"\n\"x\" \n", "line 4: "},
      {"a,b\n1,2\n0123456789012345678901234567890,2\n", "line 3: "},
      {"a,b\n1,2\n0123456789,0123456789,0123456789,0123456789,0123456789\n", "line 3: "},
  };
  for (const auto& [text, prefix] : cases) {
    for (const size_t step : {1, 3, 1000}) {
      DrippingSource source(text, step);
      CsvOptions options;
      options.max_field_bytes = 30;
      options.max_row_bytes = 50;
      try {
        read_rows(source, options);
        ADD_FAILURE() << text;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
        EXPECT_THAT(error.fields().at(0).message, testing::StartsWith(prefix)) << text;
      }
    }
  }
}

TEST(CsvReader, HeadersAreChecked) {
  for (const char* text : {"", "\n\n", "a,,b\n", "a,a\n", "\xFF\n"}) {
    DrippingSource source(text, 10);
    EXPECT_THROW(CsvReader(source, {}), Error) << text;
  }
  DrippingSource source("1;2\n", 10);
  CsvOptions options;
  options.delimiter = ';';
  options.columns = {"x", "y"};
  EXPECT_EQ(read_rows(source, options), (Rows{{"x", "y"}, {"1", "2"}}));
}

TEST(CsvReader, LongRowsGrowTheBuffer) {
  const std::string wide(900'000, 'w');
  auto source = make_text_source("a,b\n" + wide + "," + wide + "\n1,2\n");
  const Rows rows = read_rows(*source);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1][1].size(), wide.size());
  EXPECT_EQ(rows[2][1], "2");
}

TEST(ByteSource, GzipIsReadMemberAfterMember) {
  std::string text = "n\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  auto source = make_text_source(gzip(text.substr(0, 1000)) + gzip(text.substr(1000)));
  const Rows rows = read_rows(*source);
  ASSERT_EQ(rows.size(), 200'001u);
  EXPECT_EQ(rows.back().at(0), "199999");
  EXPECT_EQ(source->stored_position(), source->stored_size());
}

TEST(ByteSource, DamagedGzipIsRefused) {
  const std::string whole = gzip("a,b\n1,2\n3,4\n");
  for (size_t length = 2; length < whole.size(); ++length) {
    auto source = make_text_source(whole.substr(0, length));
    EXPECT_THROW(read_rows(*source), Error) << length;
  }
  std::string flipped = whole;
  flipped[flipped.size() - 6] ^= 1;
  auto source = make_text_source(flipped);
  EXPECT_THROW(read_rows(*source), Error);
  EXPECT_THROW(open_file_source("/nonexistent/file.csv"), Error);
  EXPECT_THROW(open_file_source("/tmp"), Error);
}

TEST(JsonlReader, ReadsPathsAndReportsBadLines) {
  const std::string text =
      "\xEF\xBB\xBF{\"id\":17850,\"order\":{\"total\":2.55,\"items\":[{\"sku\":\"a\"}]},\"ok\":"
      "true}\n"
      "\n{\"id\":\"x\\ny\",\"order\":null}\r\n[1]\n{\"id\":\n{\"id\":-3,\"order\":7}";
  for (const size_t step : {1, 7, 1000}) {
    DrippingSource source(text, step);
    JsonlReader reader(source, {"id", "order.total", "order.items", "ok"});
    Rows rows;
    std::vector<std::string> problems;
    std::vector<uint64_t> lines;
    while (reader.next()) {
      problems.emplace_back(reader.problem());
      lines.push_back(reader.line());
      if (reader.problem().empty()) rows.emplace_back(reader.cells().begin(), reader.cells().end());
    }
    EXPECT_EQ(rows, (Rows{{"17850", "2.55", "[{\"sku\":\"a\"}]", "true"},
                          {"x\ny", "", "", ""},
                          {"-3", "", "", ""}}));
    EXPECT_THAT(problems, testing::ElementsAre("", "", "not a JSON object", "not valid JSON", ""));
    EXPECT_THAT(lines, testing::ElementsAre(1, 3, 4, 5, 6));
  }
}

}  // namespace
}  // namespace rapport
