#include "crypto/secret_key.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "crypto/sodium.h"

namespace rapport {
namespace {

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

[[noreturn]] void io_failed(const char* what, const std::string& path) {
  throw Error(ErrorCode::kInternal, "The secret key file cannot be used.",
              fmt::format("{} {}: {}", what, path, std::strerror(errno)));
}

std::optional<SecretKey> read_key(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    io_failed("open", path);
  }
  struct stat info {};
  if (fstat(file.fd(), &info) != 0) io_failed("stat", path);
  if ((info.st_mode & 077) != 0) {
    throw Error(ErrorCode::kConflict,
                "The secret key file may be read by others; set its mode to 0600.", path);
  }
  // One byte more than a key has, so that a longer file is noticed.
  std::array<unsigned char, SecretKey::kBytes + 1> buffer{};
  const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
  if (got < 0) io_failed("read", path);
  if (got != static_cast<ssize_t>(SecretKey::kBytes)) {
    throw Error(ErrorCode::kCorrupted, "The secret key file does not hold a key.", path);
  }
  std::array<unsigned char, SecretKey::kBytes> bytes{};
  std::memcpy(bytes.data(), buffer.data(), bytes.size());
  const SecretKey key(bytes);
  sodium_memzero(buffer.data(), buffer.size());
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const File file(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (!file.is_open() || fsync(file.fd()) != 0) io_failed("sync folder of", path);
}

}  // namespace

SecretKey::~SecretKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

SecretKey SecretKey::generate() {
  detail::ensure_sodium();
  SecretKey key;
  randombytes_buf(key.bytes_.data(), key.bytes_.size());
  return key;
}

SecretKey SecretKey::derive(std::string_view purpose) const {
  detail::ensure_sodium();
  SecretKey key;
  crypto_generichash(key.bytes_.data(), key.bytes_.size(),
                     reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                     bytes_.data(), bytes_.size());
  return key;
}

bool SecretKey::operator==(const SecretKey& other) const {
  return sodium_memcmp(bytes_.data(), other.bytes_.data(), kBytes) == 0;
}

SecretKey load_secret_key(const std::string& path) {
  auto key = read_key(path);
  if (!key) throw Error(ErrorCode::kNotFound, "The secret key file is missing.", path);
  return *key;
}

SecretKey load_or_create_secret_key(const std::string& path) {
  if (auto key = read_key(path)) return *key;
  const SecretKey key = SecretKey::generate();
  // Written aside and linked into place: a crash leaves no half key, and a key that another process
  // created meanwhile is kept.
  const std::string aside = fmt::format("{}.{}", path, getpid());
  {
    const File file(aside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.is_open()) io_failed("create", aside);
    if (::write(file.fd(), key.data(), SecretKey::kBytes) !=
            static_cast<ssize_t>(SecretKey::kBytes) ||
        fsync(file.fd()) != 0) {
      io_failed("write", aside);
    }
  }
  const bool linked = ::link(aside.c_str(), path.c_str()) == 0;
  if (!linked && errno != EEXIST) io_failed("link", path);
  ::unlink(aside.c_str());
  sync_folder_of(path);
  return linked ? key : load_secret_key(path);
}

}  // namespace rapport
