#include "app/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace rapport {

bool DataFolder::is_initialised() const {
  return std::filesystem::exists(control()) && std::filesystem::exists(secret_key());
}

void DataFolder::create() const {
  const auto previous = umask(0077);
  std::error_code failed;
  for (const auto& folder : {root, log_folder(), state_folder()}) {
    std::filesystem::create_directories(folder, failed);
    if (failed) break;
  }
  umask(previous);
  if (failed) {
    throw Error(ErrorCode::kInvalidArgument,
                "data: cannot make " + root.string() + ": " + failed.message());
  }
}

void DataFolder::remove_projections() const {
  std::filesystem::remove_all(state_folder());
}

FolderLock::FolderLock(const DataFolder& folder) {
  file_ = open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) {
    throw Error(ErrorCode::kInvalidArgument, "data: cannot open " + folder.lock());
  }
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    close(file_);
    throw Error(ErrorCode::kConflict,
                "Another rapport works on " + folder.root.string() + "; stop it first");
  }
}

FolderLock::~FolderLock() {
  close(file_);
}

}  // namespace rapport
