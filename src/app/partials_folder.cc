#include "app/partials_folder.h"

#include <algorithm>
#include <fstream>
#include <iostream>

#include "base/error.h"
#include "base/limits/templates.h"

namespace rapport {
namespace {

constexpr size_t kMaxNameBytes = 200;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.front() == '/' || name.back() == '/') {
    return false;
  }
  if (name.find("//") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '/';
  });
}

/// A regular file reached without any symbolic link below the folder.
bool is_plain_file(const std::filesystem::path& folder, const std::filesystem::path& below) {
  std::filesystem::path at = folder;
  std::error_code failed;
  for (const auto& part : below) {
    at /= part;
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(at, failed))) return false;
  }
  return std::filesystem::is_regular_file(at, failed);
}

}  // namespace

std::optional<liquid::Template> PartialsFolder::find(liquid::PartialKind kind,
                                                     std::string_view name) const {
  if (!is_name(name)) return std::nullopt;
  std::filesystem::path below = std::string(name) + ".liquid";
  if (kind == liquid::PartialKind::kLayout) below = "layouts" / below;
  const auto known = read_.find(below);
  if (known != read_.end()) return known->second;
  std::optional<liquid::Template> found;
  if (is_plain_file(folder_, below)) {
    found =
        liquid::Template::parse(read_input((folder_ / below).string(), limits::kMaxTemplateBytes));
  }
  read_.emplace(below, found);
  return found;
}

std::string read_input(const std::string& path, size_t limit) {
  std::ifstream file;
  if (path != "-") {
    std::error_code failed;
    if (!std::filesystem::is_directory(path, failed)) file.open(path, std::ios::binary);
    if (!file.is_open()) throw Error(ErrorCode::kInvalidArgument, path + " cannot be read");
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text(limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > limit) {
    throw Error(ErrorCode::kInvalidArgument,
                path + " is longer than " + std::to_string(limit) + " bytes");
  }
  return text;
}

}  // namespace rapport
