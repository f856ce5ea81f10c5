// Helpers of the storage tests: a folder of their own, error codes, copies of open files.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace rapport {

/// A test with a folder that is gone afterwards.
class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/rapport-storage-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// What a crash leaves of `name`: every file that starts with its name, as it is now, under `as`.
  void copy_as_crashed(const std::string& name, const std::string& as) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string file = entry.path().filename().string();
      if (!file.starts_with(name) || file.ends_with("-shm")) continue;
      std::filesystem::copy(entry.path(), path(as + file.substr(name.size())),
                            std::filesystem::copy_options::recursive);
    }
  }

  std::string folder_;
};

template <class F>
ErrorCode code_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kInternal;
}

}  // namespace rapport
