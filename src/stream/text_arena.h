// TextArena: texts of one batch, side by side in large pieces that the next batch uses again.
//
// Views stay valid until `clear`. Allocating each text by itself costs more than copying it. Not
// thread-safe. Limits: keeps up to kKeptBytes between batches.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace rapport {

class TextArena {
 public:
  static constexpr size_t kPieceBytes = 256 * 1024;
  static constexpr size_t kKeptBytes = 16 * 1024 * 1024;

  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    while (piece_ < pieces_.size() && pieces_[piece_].size - used_ < text.size()) {
      ++piece_;
      used_ = 0;
    }
    if (piece_ == pieces_.size()) add_piece(text.size());
    char* const at = pieces_[piece_].bytes.get() + used_;
    std::memcpy(at, text.data(), text.size());
    used_ += text.size();
    return {at, text.size()};
  }

  void clear() {
    piece_ = 0;
    used_ = 0;
    if (bytes_ <= kKeptBytes) return;
    pieces_.clear();
    bytes_ = 0;
  }

 private:
  struct Piece {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  void add_piece(size_t least) {
    const size_t size = least > kPieceBytes ? least : kPieceBytes;
    pieces_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    bytes_ += size;
    used_ = 0;
  }

  std::vector<Piece> pieces_;
  size_t piece_ = 0;  // being filled
  size_t used_ = 0;   // of it
  size_t bytes_ = 0;  // of all pieces
};

}  // namespace rapport
