// The built console, served from memory.
//
// All regular files below the root are read once, at construction; a request only ever looks up a
// name among them, so no path can reach another file. Symbolic links are not followed.
// Precompressed siblings (x.br, x.gz) are chosen by Accept-Encoding. Files below /assets/ carry a
// hash in their name and are cached for a year, everything else is revalidated by ETag. Read-only:
// thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace rapport {

class StaticFiles {
 public:
  /// Throws kInvalidArgument when the root has no index.html or holds over limits::kMaxStaticBytes.
  explicit StaticFiles(const std::filesystem::path& root);

  /// Null when no file answers. A page address (no extension, the client accepts HTML, not below
  /// /api/ or /v1/) gets index.html.
  std::optional<Response> serve(const Request& request) const;

 private:
  struct File {
    std::string type;
    std::string plain;
    std::string gzip;
    std::string brotli;
    std::string etag;
  };
  Response answer(const std::string& path, const File& file, const Request& request) const;

  std::map<std::string, File, std::less<>> files_;  // "/assets/index-4f2a.js"
};

}  // namespace rapport
