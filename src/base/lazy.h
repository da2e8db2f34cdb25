// Lazy: a value made on first use and kept with the immutable object that it is derived from. Any
// thread may ask; if two make it at once, one copy wins. A copy of the owner starts without it.
#pragma once

#include <atomic>
#include <memory>

namespace emplace {

template <class T>
class Lazy {
 public:
  Lazy() = default;
  Lazy(const Lazy&) : Lazy() {}
  Lazy& operator=(const Lazy&) {
    delete value_.exchange(nullptr);
    return *this;
  }
  ~Lazy() { delete value_.load(std::memory_order_acquire); }

  template <class Make>
  const T& get(Make&& make) const {
    if (const T* value = value_.load(std::memory_order_acquire)) return *value;
    auto made = std::make_unique<const T>(make());
    const T* expected = nullptr;
    if (value_.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) {
      return *made.release();
    }
    return *expected;
  }

 private:
  mutable std::atomic<const T*> value_{nullptr};
};

// A Lazy whose type its owner does not know: each user of a slot is the only one, and always asks
// for the same type.
class LazySlot {
 public:
  template <class T, class Make>
  const T& get(Make&& make) const {
    return *static_cast<const T*>(
        value_.get([&] { return std::shared_ptr<const void>(std::make_shared<const T>(make())); })
            .get());
  }

 private:
  Lazy<std::shared_ptr<const void>> value_;
};

}  // namespace emplace
