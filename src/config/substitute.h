// `$name`, `${name}`, `$group.name`, `$$`: references between options, as oslo.config writes them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace emplace::config {

// What a reference stands for; nothing if there is no such option.
using Lookup = std::function<Result<std::optional<std::string>>(std::string_view reference)>;

// The text with its references replaced. A reference to nothing stays as it stands, so that a `$`
// in a password does no harm. Fails only if a look-up fails.
Result<std::string> substitute(std::string_view text, const Lookup& lookup);

}  // namespace emplace::config
