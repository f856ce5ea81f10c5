// The data folder: its layout, its lock, and what may be done to it.
#pragma once

#include <filesystem>
#include <string>

namespace rapport {

struct DataFolder {
  explicit DataFolder(std::filesystem::path root) : root(std::move(root)) {}

  std::filesystem::path root;
  std::string control() const { return root / "control.db"; }
  std::string secret_key() const { return root / "secret.key"; }
  std::string lock() const { return root / "lock"; }
  std::string in_flight() const { return root / "in_flight"; }
  std::string sandbox() const { return root / "sandbox.db"; }
  std::filesystem::path log_folder() const { return root / "log"; }
  std::string log() const { return log_folder() / "events.db"; }
  std::string message_ids() const { return log_folder() / "message_ids"; }
  std::filesystem::path imports() const { return root / "imports"; }
  std::filesystem::path state_folder() const { return root / "state"; }
  std::string state() const { return state_folder() / "state.db"; }
  std::string warehouse() const { return state_folder() / "warehouse.duckdb"; }

  bool is_initialised() const;
  /// Makes the folders, readable by the owner only.
  void create() const;
  /// Deletes what can be rebuilt from the log.
  void remove_projections() const;
};

/// Held while a program works on a data folder; gone with the process.
class FolderLock {
 public:
  /// Throws kConflict when another program holds it.
  explicit FolderLock(const DataFolder& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace rapport
