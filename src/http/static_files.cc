#include "http/static_files.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/gzip.h"

namespace rapport {
namespace {

namespace fs = std::filesystem;

struct TypeRow {
  std::string_view extension;
  std::string_view type;
};

constexpr TypeRow kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string_view type_of(std::string_view extension) {
  for (const TypeRow& row : kTypes) {
    if (row.extension == extension) return row.type;
  }
  return "application/octet-stream";
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// FNV-1a: tells versions of one file apart, nothing more.
std::string fingerprint(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return fmt::format("{:016x}", hash);
}

bool is_page_address(const Request& request) {
  const std::string& path = request.path;
  if (path.starts_with("/api/") || path.starts_with("/v1/")) return false;
  if (path.substr(path.rfind('/') + 1).find('.') != std::string::npos) return false;
  return request.header("accept").find("text/html") != std::string_view::npos;
}

}  // namespace

StaticFiles::StaticFiles(const fs::path& root) {
  std::error_code ec;
  size_t total = 0;
  for (fs::recursive_directory_iterator it(root, ec), end; !ec && it != end; it.increment(ec)) {
    if (!it->is_regular_file() || it->is_symlink()) continue;
    total += it->file_size();
    if (total > limits::kMaxStaticBytes) {
      throw Error::invalid("console", "holds more than the largest size served");
    }
    std::string name = "/" + it->path().lexically_relative(root).generic_string();
    const std::string extension = it->path().extension().string();
    std::string File::*slot = &File::plain;
    if (extension == ".br" || extension == ".gz") {
      slot = extension == ".br" ? &File::brotli : &File::gzip;
      name.resize(name.size() - extension.size());
    }
    files_[name].*slot = read_file(it->path());
  }
  // A compressed file without its plain form cannot be served to everyone, so to no one.
  std::erase_if(files_, [](const auto& entry) { return entry.second.plain.empty(); });
  for (auto& [name, file] : files_) {
    file.type = type_of(fs::path(name).extension().string());
    file.etag = fingerprint(file.plain);
  }
  if (!files_.contains("/index.html")) {
    throw Error::invalid("console", fmt::format("{} has no index.html", root.string()));
  }
}

std::optional<Response> StaticFiles::serve(const Request& request) const {
  const std::string path = request.path == "/" ? "/index.html" : request.path;
  auto found = files_.find(path);
  if (found == files_.end()) {
    if (!is_page_address(request)) return std::nullopt;
    found = files_.find("/index.html");
  }
  return answer(found->first, found->second, request);
}

Response StaticFiles::answer(const std::string& path, const File& file,
                             const Request& request) const {
  Response response;
  response.content_type = file.type;
  const std::string_view accept = request.header("accept-encoding");
  std::string_view coding;
  const std::string* body = &file.plain;
  if (!file.brotli.empty() && accepts_coding(accept, "br")) {
    coding = "br";
    body = &file.brotli;
  } else if (!file.gzip.empty() && accepts_coding(accept, "gzip")) {
    coding = "gzip";
    body = &file.gzip;
  }
  const std::string etag = fmt::format("\"{}{}\"", file.etag, coding);
  const bool hashed = path.starts_with("/assets/");
  response.headers = {
      {"ETag", etag},
      {"Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
  };
  // A worker lives under the policy of its own file, and this one must fetch what it keeps.
  if (path == "/service-worker.js") {
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; connect-src 'self'");
  }
  for (const std::string_view known : split(request.header("if-none-match"), ',')) {
    std::string_view tag = trim(known);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag != etag) continue;
    response.status = 304;
    return response;
  }
  if (!coding.empty()) response.headers.emplace_back("Content-Encoding", coding);
  response.body = *body;
  return response;
}

}  // namespace rapport
