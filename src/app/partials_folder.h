// Content blocks and layouts read from a folder: DIR/NAME.liquid and DIR/layouts/NAME.liquid.
//
// A name is letters, digits, `_`, `-` and `/` between them, so that it stays in the folder;
// symbolic links are not followed. Each file is parsed once. For one thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "liquid/template.h"

namespace rapport {

class PartialsFolder final : public liquid::Partials {
 public:
  explicit PartialsFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::optional<liquid::Template> find(liquid::PartialKind kind,
                                       std::string_view name) const override;

 private:
  std::filesystem::path folder_;
  mutable std::map<std::filesystem::path, std::optional<liquid::Template>> read_;
};

/// A whole file, or standard input for "-". Throws kInvalidArgument when it cannot be read or is
/// longer than `limit` bytes.
std::string read_input(const std::string& path, size_t limit);

}  // namespace rapport
