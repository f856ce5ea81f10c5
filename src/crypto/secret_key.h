// SecretKey: 32 secret bytes, their file, and the keys derived from them.
//
// An installation has one root key in a file only its owner may read; every purpose (link
// signatures, message ids, secrets at rest) uses a key derived from it by name, so that one purpose
// can never be played against another. The bytes are wiped when the object goes.
// Thread-safe to read; the file is created once, at `rapport init`.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace rapport {

class SecretKey {
 public:
  static constexpr size_t kBytes = 32;

  SecretKey() = default;  // all zero: for tests and for assignment
  explicit SecretKey(const std::array<unsigned char, kBytes>& bytes) : bytes_(bytes) {}
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  /// Fresh bytes from the kernel.
  static SecretKey generate();
  /// The key for one purpose: keyed BLAKE2b of `purpose`. The same purpose gives the same key.
  SecretKey derive(std::string_view purpose) const;

  const unsigned char* data() const { return bytes_.data(); }
  bool operator==(const SecretKey& other) const;

 private:
  std::array<unsigned char, kBytes> bytes_{};
};

/// Reads the key file, or creates it with mode 0600 and fresh bytes, durable on return. Throws
/// kCorrupted when the file is not a key, kConflict when others may read it, kInternal on I/O
/// errors.
SecretKey load_or_create_secret_key(const std::string& path);
/// Like `load_or_create_secret_key`, but kNotFound when the file is not there.
SecretKey load_secret_key(const std::string& path);

}  // namespace rapport
