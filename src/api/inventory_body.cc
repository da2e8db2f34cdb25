#include "api/inventory_body.h"

#include "api/common.h"

namespace emplace::api {
namespace {

// A whole number of the body, or what holds if it is left out.
std::int32_t number_in(const json::Value& body, std::string_view member, std::int32_t otherwise) {
  const auto* value = body.get_object().if_contains(member);
  return value ? static_cast<std::int32_t>(generation_in(*value)) : otherwise;
}

}  // namespace

InventoryValues decode_inventory(const json::Value& body) {
  InventoryValues values;
  values.total = number_in(body, "total", values.total);
  values.reserved = number_in(body, "reserved", values.reserved);
  values.min_unit = number_in(body, "min_unit", values.min_unit);
  values.max_unit = number_in(body, "max_unit", values.max_unit);
  values.step_size = number_in(body, "step_size", values.step_size);
  if (const auto* ratio = body.get_object().if_contains("allocation_ratio")) {
    values.allocation_ratio = ratio->to_number<double>();
  }
  return values;
}

}  // namespace emplace::api
