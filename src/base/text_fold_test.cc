#include "base/text_fold.h"

#include <gtest/gtest.h>

namespace rapport {
namespace {

TEST(TextFold, LeavesCaseAccentsAndWidthOut) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"Plain 42", "plain 42"},
      {"Nguyễn Thị Ánh", "nguyen thi anh"},
      {"ĐẶNG", "dang"},
      {"Zoë", "zoe"},
      {"Zoe\xCC\x88", "zoe"},  // e and a combining diaeresis
      {"Straße", "strasse"},
      {"ŁÓDŹ", "lodz"},
      {"Søren", "soren"},
      {"ΣΊΣΥΦΟΣ", "σισυφοσ"},
      {"Ｔｏｋｙｏ", "tokyo"},
      {"王小明", "王小明"},
      {"ЁЛКА", "елка"},
      {"İstanbul", "istanbul"},
  };
  for (const auto& [given, folded] : cases) EXPECT_EQ(fold_text(given), folded) << given;
}

TEST(TextFold, KeepsPrefixes) {
  const std::string whole = fold_text("Trần Văn Đức");
  for (const std::string_view typed : {"tr", "TRẦN", "tran v", "Trần Văn Đ"}) {
    EXPECT_TRUE(whole.starts_with(fold_text(typed))) << typed;
  }
}

TEST(TextFold, BadUtf8IsNoReasonToFail) {
  EXPECT_EQ(fold_text("A\xFF"), "a\xFF");
}

TEST(TextFold, Words) {
  const std::vector<std::string_view> words{"anne", "marie", "o", "neil"};
  EXPECT_EQ(fold_words("  anne-marie o'neil ", 8), words);
  EXPECT_EQ(fold_words("a b c", 2).size(), 2u);
  EXPECT_TRUE(fold_words(" - ", 8).empty());
}

}  // namespace
}  // namespace rapport
