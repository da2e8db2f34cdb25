// PersistentVector: an immutable array whose copies share what they have in common (a radix trie,
// 64 branches a level). Copying is one pointer; a change copies the path to the element.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace emplace {

template <class T>
class PersistentVector {
 public:
  std::size_t size() const { return size_; }

  // Requires: index < size().
  const T& operator[](std::size_t index) const {
    const Node* node = root_.get();
    for (unsigned shift = shift_; shift > 0; shift -= bits) {
      node = node->children[(index >> shift) & mask].get();
    }
    return node->leaves[index & mask];
  }

  void push_back(T value) {
    if (size_ == capacity()) {
      auto root = std::make_shared<Node>();
      if (root_) {
        root->children.push_back(root_);
        shift_ += bits;
      }
      root_ = std::move(root);
    }
    root_ = with(root_.get(), shift_, size_, std::move(value));
    ++size_;
  }

  // Requires: index < size().
  void set(std::size_t index, T value) {
    root_ = with(root_.get(), shift_, index, std::move(value));
  }

 private:
  static constexpr unsigned bits = 6;
  static constexpr std::size_t width = std::size_t{1} << bits, mask = width - 1;

  struct Node {
    std::vector<std::shared_ptr<const Node>> children;
    std::vector<T> leaves;
  };
  using NodePtr = std::shared_ptr<const Node>;

  std::size_t capacity() const { return root_ ? width << shift_ : 0; }

  static NodePtr with(const Node* node, unsigned shift, std::size_t index, T value) {
    auto copy = node ? std::make_shared<Node>(*node) : std::make_shared<Node>();
    const std::size_t at = (index >> shift) & mask;
    if (shift == 0) {
      if (at == copy->leaves.size()) {
        copy->leaves.push_back(std::move(value));
      } else {
        copy->leaves[at] = std::move(value);
      }
      return copy;
    }
    if (at == copy->children.size()) copy->children.emplace_back();
    copy->children[at] = with(copy->children[at].get(), shift - bits, index, std::move(value));
    return copy;
  }

  NodePtr root_;
  std::size_t size_ = 0;
  unsigned shift_ = 0;
};

}  // namespace emplace
