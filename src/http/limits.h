// What all event loops of one server share: its options and how many connections there are.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "http/server.h"

namespace emplace::http {

enum class Admission { serve, refuse, drop };

// Counts connections against the limits of the options. Any thread.
class Admissions {
 public:
  explicit Admissions(const ServerOptions& options)
      : connections_max_(options.connections_max),
        per_address_max_(options.connections_per_address_max) {}

  std::size_t count() const { return connections_.load(std::memory_order_relaxed); }

  // One connection's share of the counts, given back when destroyed.
  class Ticket {
   public:
    Ticket(Admissions& admissions, std::string address);
    Ticket(Ticket&& other) noexcept
        : admissions_(std::exchange(other.admissions_, nullptr)),
          address_(std::move(other.address_)),
          admission_(other.admission_) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket();

    const std::string& address() const { return address_; }
    Admission admission() const { return admission_; }

   private:
    Admissions* admissions_;
    std::string address_;
    Admission admission_;
  };

 private:
  // So many over the limit get a whole refusal, with time to read it; those beyond are cut.
  static constexpr std::size_t refused_max = 256;

  Admission add(const std::string& address);
  void remove(const std::string& address);

  const std::size_t connections_max_, per_address_max_;
  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> per_address_;
};

struct Shared {
  Shared(ServerOptions the_options, Handler the_handler);
  Response refuse(unsigned status, std::string_view sentence) const;

  const ServerOptions options;
  const Handler handler;
  Admissions admissions;
};

}  // namespace emplace::http
