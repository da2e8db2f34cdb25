#include "http/limits.h"

namespace emplace::http {
namespace {

constexpr std::size_t body_bytes_default = 1024 * 1024;

ServerOptions with_defaults(ServerOptions options) {
  if (!options.body_bytes_max) {
    options.body_bytes_max = [](std::string_view, std::string_view) { return body_bytes_default; };
  }
  if (!options.refusal) {
    options.refusal = [](unsigned status, std::string_view sentence) {
      Response response{.status = status,
                        .header_lines = {},
                        .body = std::string(sentence) + "\n",
                        .shared_body = nullptr};
      response.add_header("Content-Type", "text/plain; charset=utf-8");
      return response;
    };
  }
  return options;
}

}  // namespace

Admissions::Ticket::Ticket(Admissions& admissions, std::string address)
    : admissions_(&admissions),
      address_(std::move(address)),
      admission_(admissions.add(address_)) {}

Admissions::Ticket::~Ticket() {
  if (admissions_) admissions_->remove(address_);
}

Admission Admissions::add(const std::string& address) {
  const std::size_t others = connections_.fetch_add(1);
  bool refuse = others >= connections_max_;
  if (per_address_max_ > 0) {
    const std::lock_guard lock(mutex_);
    refuse = ++per_address_[address] > per_address_max_ || refuse;
  }
  if (others >= connections_max_ + refused_max) return Admission::drop;
  return refuse ? Admission::refuse : Admission::serve;
}

void Admissions::remove(const std::string& address) {
  connections_.fetch_sub(1);
  if (per_address_max_ == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = per_address_.find(address);
  if (--found->second == 0) per_address_.erase(found);
}

Shared::Shared(ServerOptions the_options, Handler the_handler)
    : options(with_defaults(std::move(the_options))),
      handler(std::move(the_handler)),
      admissions(options) {}

Response Shared::refuse(unsigned status, std::string_view sentence) const {
  return options.refusal(status, sentence);
}

}  // namespace emplace::http
