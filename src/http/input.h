// Input: what came in and was not consumed yet, in one piece of memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace emplace::http {

// Views of bytes() hold until make_room, append or shrink.
class Input {
 public:
  std::string_view bytes() const { return {space_.data() + begin_, size()}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Where more bytes may be written; announced by added().
  char* free_begin() { return space_.data() + end_; }
  std::size_t free_size() const { return space_.size() - end_; }
  void added(std::size_t count) { end_ += count; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void keep_only(std::size_t count) { end_ = begin_ + count; }

  // Makes free_size() more than 0, by moving what is there or by doubling the memory.
  void make_room(std::size_t capacity_min) {
    if (free_size() > 0) return;
    if (begin_ > 0) {
      std::memmove(space_.data(), space_.data() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
      return;
    }
    space_.resize(std::max(capacity_min, space_.size() * 2));
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (bytes.size() > free_size()) space_.resize(end_ + bytes.size());
    bytes.copy(free_begin(), bytes.size());
    added(bytes.size());
  }
  // Gives memory back over that capacity. Requires: empty().
  void shrink(std::size_t capacity) {
    if (space_.size() > capacity) std::vector<char>(capacity).swap(space_);
  }

 private:
  std::vector<char> space_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace emplace::http
