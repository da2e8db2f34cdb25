// The handlers, one file a resource: providers.cc, inventories.cc, …
#pragma once

#include "api/call.h"

namespace emplace::api {

Result<Outcome> show_root(const Call& call);

Result<Outcome> list_providers(const Call& call);
Result<Outcome> create_provider(const Call& call);
Result<Outcome> show_provider(const Call& call);
Result<Outcome> update_provider(const Call& call);
Result<Outcome> delete_provider(const Call& call);

Result<Outcome> list_inventories(const Call& call);
Result<Outcome> create_inventory(const Call& call);
Result<Outcome> replace_inventories(const Call& call);
Result<Outcome> delete_inventories(const Call& call);
Result<Outcome> show_inventory(const Call& call);
Result<Outcome> update_inventory(const Call& call);
Result<Outcome> delete_inventory(const Call& call);

Result<Outcome> list_aggregates(const Call& call);
Result<Outcome> replace_aggregates(const Call& call);

Result<Outcome> list_provider_traits(const Call& call);
Result<Outcome> replace_provider_traits(const Call& call);
Result<Outcome> delete_provider_traits(const Call& call);

Result<Outcome> list_traits(const Call& call);
Result<Outcome> show_trait(const Call& call);
Result<Outcome> create_trait(const Call& call);
Result<Outcome> delete_trait(const Call& call);

Result<Outcome> list_classes(const Call& call);
Result<Outcome> create_class(const Call& call);
Result<Outcome> show_class(const Call& call);
Result<Outcome> update_class(const Call& call);
Result<Outcome> delete_class(const Call& call);

Result<Outcome> show_provider_usages(const Call& call);
Result<Outcome> show_provider_allocations(const Call& call);
Result<Outcome> show_usages(const Call& call);

Result<Outcome> show_allocations(const Call& call);
Result<Outcome> replace_allocations(const Call& call);
Result<Outcome> delete_allocations(const Call& call);
Result<Outcome> manage_allocations(const Call& call);

Result<Outcome> list_candidates(const Call& call);
Result<Outcome> reshape(const Call& call);

}  // namespace emplace::api
