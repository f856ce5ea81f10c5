#include "stream/in_flight.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"

namespace rapport {
namespace {

TEST(InFlightJournal, RemembersWhatAnEarlierProcessDidNotEnd) {
  const std::string path = testing::TempDir() + "in_flight_test";
  std::filesystem::remove(path);
  {
    InFlightJournal journal(path);
    EXPECT_FALSE(journal.begin(7));
    EXPECT_FALSE(journal.begin(8));
    EXPECT_TRUE(journal.contains(8));
    journal.end(7);
    journal.end(99);
    EXPECT_FALSE(journal.contains(7));
  }
  for (int again = 0; again < 2; ++again) {  // until it is ended, whatever number of processes
    InFlightJournal journal(path);
    EXPECT_FALSE(journal.begin(7));
    EXPECT_TRUE(journal.begin(8));
    journal.end(7);
  }
  InFlightJournal journal(path);
  EXPECT_TRUE(journal.begin(8));
  journal.end(8);
  EXPECT_FALSE(journal.begin(8));
  for (uint64_t id = 100; id < 100 + 2 * InFlightJournal::kSlots; ++id) journal.begin(id);
  EXPECT_TRUE(journal.contains(100));
  EXPECT_FALSE(journal.contains(100 + 2 * InFlightJournal::kSlots - 1));
  std::filesystem::remove(path);
  EXPECT_THROW(InFlightJournal("/nowhere/at/all"), Error);
}

}  // namespace
}  // namespace rapport
