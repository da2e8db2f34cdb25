#include "api/routes.h"

#include "api/handlers.h"

namespace emplace::api {
namespace {

using enum Feature;

std::vector<Route> make_routes() {
  return {
      {"/", {{.method = "GET", .rule = "", .handler = show_root}}},
      {"", {{.method = "GET", .rule = "", .handler = show_root}}},
      {"/resource_classes",
       {{.method = "GET", .rule = "placement:resource_classes:list", .handler = list_classes,
         .since = resource_classes, .checks_accept = true},
        {.method = "POST", .rule = "placement:resource_classes:create", .handler = create_class,
         .since = resource_classes, .takes_body = true}}},
      {"/resource_classes/{}",
       {{.method = "GET", .rule = "placement:resource_classes:show", .handler = show_class,
         .since = resource_classes, .checks_accept = true},
        {.method = "PUT", .rule = "placement:resource_classes:update", .handler = update_class,
         .since = resource_classes, .takes_body = true, .bodiless_from = bodiless_class_put},
        {.method = "DELETE", .rule = "placement:resource_classes:delete", .handler = delete_class,
         .since = resource_classes}}},
      {"/resource_providers",
       {{.method = "GET", .rule = "placement:resource_providers:list", .handler = list_providers,
         .checks_accept = true},
        {.method = "POST", .rule = "placement:resource_providers:create",
         .handler = create_provider, .takes_body = true}}},
      {"/resource_providers/{}",
       {{.method = "GET", .rule = "placement:resource_providers:show", .handler = show_provider,
         .checks_accept = true},
        {.method = "DELETE", .rule = "placement:resource_providers:delete",
         .handler = delete_provider},
        {.method = "PUT", .rule = "placement:resource_providers:update",
         .handler = update_provider, .takes_body = true}}},
      {"/resource_providers/{}/inventories",
       {{.method = "GET", .rule = "placement:resource_providers:inventories:list",
         .handler = list_inventories, .checks_accept = true},
        {.method = "POST", .rule = "placement:resource_providers:inventories:create",
         .handler = create_inventory, .takes_body = true},
        {.method = "PUT", .rule = "placement:resource_providers:inventories:update",
         .handler = replace_inventories, .takes_body = true},
        {.method = "DELETE", .rule = "placement:resource_providers:inventories:delete",
         .handler = delete_inventories, .since = delete_all_inventories,
         .method_came_later = true}}},
      {"/resource_providers/{}/inventories/{}",
       {{.method = "GET", .rule = "placement:resource_providers:inventories:show",
         .handler = show_inventory, .checks_accept = true},
        {.method = "PUT", .rule = "placement:resource_providers:inventories:update",
         .handler = update_inventory, .takes_body = true},
        {.method = "DELETE", .rule = "placement:resource_providers:inventories:delete",
         .handler = delete_inventory}}},
      {"/resource_providers/{}/usages",
       {{.method = "GET", .rule = "placement:resource_providers:usages",
         .handler = show_provider_usages, .checks_accept = true}}},
      {"/resource_providers/{}/aggregates",
       {{.method = "GET", .rule = "placement:resource_providers:aggregates:list",
         .handler = list_aggregates, .since = aggregates, .checks_accept = true,
         .checks_headers_first = true},
        {.method = "PUT", .rule = "placement:resource_providers:aggregates:update",
         .handler = replace_aggregates, .since = aggregates, .takes_body = true,
         .checks_headers_first = true}}},
      {"/resource_providers/{}/allocations",
       {{.method = "GET", .rule = "placement:resource_providers:allocations:list",
         .handler = show_provider_allocations, .checks_accept = true}}},
      {"/allocations",
       {{.method = "POST", .rule = "placement:allocations:manage", .handler = manage_allocations,
         .since = post_allocations, .takes_body = true}}},
      {"/allocations/{}",
       {{.method = "GET", .rule = "placement:allocations:list", .handler = show_allocations,
         .checks_accept = true},
        {.method = "PUT", .rule = "placement:allocations:update", .handler = replace_allocations,
         .takes_body = true},
        {.method = "DELETE", .rule = "placement:allocations:delete",
         .handler = delete_allocations}}},
      {"/allocation_candidates",
       {{.method = "GET", .rule = "placement:allocation_candidates:list",
         .handler = list_candidates, .since = allocation_candidates, .checks_accept = true}}},
      {"/traits",
       {{.method = "GET", .rule = "placement:traits:list", .handler = list_traits,
         .since = traits, .checks_accept = true}}},
      {"/traits/{}",
       {{.method = "GET", .rule = "placement:traits:show", .handler = show_trait,
         .since = traits},
        {.method = "PUT", .rule = "placement:traits:update", .handler = create_trait,
         .since = traits},
        {.method = "DELETE", .rule = "placement:traits:delete", .handler = delete_trait,
         .since = traits}}},
      {"/resource_providers/{}/traits",
       {{.method = "GET", .rule = "placement:resource_providers:traits:list",
         .handler = list_provider_traits, .since = traits, .checks_accept = true},
        {.method = "PUT", .rule = "placement:resource_providers:traits:update",
         .handler = replace_provider_traits, .since = traits, .takes_body = true},
        {.method = "DELETE", .rule = "placement:resource_providers:traits:delete",
         .handler = delete_provider_traits, .since = traits}}},
      {"/usages",
       {{.method = "GET", .rule = "placement:usages", .handler = show_usages, .since = usages,
         .checks_accept = true, .checks_object = true}}},
      {"/reshaper",
       {{.method = "POST", .rule = "placement:reshaper:reshape", .handler = reshape,
         .since = reshaper, .takes_body = true}}},
  };
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = make_routes();
  return all;
}

}  // namespace emplace::api
