// The default rules as data, and the sample file that shows them.
#include "policy/policy.h"

namespace emplace::policy {

const std::vector<DefaultRule>& default_rules() {
  static const std::vector<DefaultRule> rules = {
      {"admin_api", "role:admin", "", true, "Who may do everything that administrators may.", ""},
      {"service_api", "role:service", "role:admin", true, "Another OpenStack service.", ""},
      {"admin_or_service_api", "role:admin or role:service", "role:admin", true,
       "Administrators and other OpenStack services: most of the API.", ""},
      {"project_reader_api", "role:reader and project_id:%(project_id)s", "role:admin", false,
       "Readers of the project that is asked about.", ""},
      {"admin_or_project_reader_or_service_api",
       "role:admin or rule:project_reader_api or role:service", "role:admin", true,
       "Administrators, other services, and readers of the project that is asked about.", ""},
      {"placement:resource_providers:list", "rule:admin_or_service_api", "", true,
       "See which resource providers there are.", "GET /resource_providers"},
      {"placement:resource_providers:create", "rule:admin_or_service_api", "", true,
       "Make a resource provider.", "POST /resource_providers"},
      {"placement:resource_providers:show", "rule:admin_or_service_api", "", true,
       "See one resource provider.", "GET /resource_providers/{uuid}"},
      {"placement:resource_providers:update", "rule:admin_or_service_api", "", true,
       "Rename a resource provider or give it a parent.", "PUT /resource_providers/{uuid}"},
      {"placement:resource_providers:delete", "rule:admin_or_service_api", "", true,
       "Remove a resource provider.", "DELETE /resource_providers/{uuid}"},
      {"placement:resource_classes:list", "rule:admin_or_service_api", "", true,
       "See which resource classes there are.", "GET /resource_classes"},
      {"placement:resource_classes:create", "rule:admin_or_service_api", "", true,
       "Make a resource class.", "POST /resource_classes"},
      {"placement:resource_classes:show", "rule:admin_or_service_api", "", true,
       "See one resource class.", "GET /resource_classes/{name}"},
      {"placement:resource_classes:update", "rule:admin_or_service_api", "", true,
       "Make or rename a resource class.", "PUT /resource_classes/{name}"},
      {"placement:resource_classes:delete", "rule:admin_or_service_api", "", true,
       "Remove a resource class.", "DELETE /resource_classes/{name}"},
      {"placement:resource_providers:inventories:list", "rule:admin_or_service_api", "", true,
       "See what a resource provider has.", "GET /resource_providers/{uuid}/inventories"},
      {"placement:resource_providers:inventories:create", "rule:admin_or_service_api", "", true,
       "Add an inventory to a resource provider.", "POST /resource_providers/{uuid}/inventories"},
      {"placement:resource_providers:inventories:show", "rule:admin_or_service_api", "", true,
       "See one inventory of a resource provider.",
       "GET /resource_providers/{uuid}/inventories/{resource_class}"},
      {"placement:resource_providers:inventories:update", "rule:admin_or_service_api", "", true,
       "Replace one or all inventories of a resource provider.",
       "PUT /resource_providers/{uuid}/inventories; PUT "
       "/resource_providers/{uuid}/inventories/{resource_class}"},
      {"placement:resource_providers:inventories:delete", "rule:admin_or_service_api", "", true,
       "Remove one or all inventories of a resource provider.",
       "DELETE /resource_providers/{uuid}/inventories; DELETE "
       "/resource_providers/{uuid}/inventories/{resource_class}"},
      {"placement:resource_providers:aggregates:list", "rule:admin_or_service_api", "", true,
       "See the aggregates of a resource provider.", "GET /resource_providers/{uuid}/aggregates"},
      {"placement:resource_providers:aggregates:update", "rule:admin_or_service_api", "", true,
       "Replace the aggregates of a resource provider.",
       "PUT /resource_providers/{uuid}/aggregates"},
      {"placement:resource_providers:usages", "rule:admin_or_service_api", "", true,
       "See how much of a resource provider is used.", "GET /resource_providers/{uuid}/usages"},
      {"placement:usages", "rule:admin_or_project_reader_or_service_api", "", true,
       "See how much a project, or a user in it, uses.", "GET /usages"},
      {"placement:traits:list", "rule:admin_or_service_api", "", true,
       "See which traits there are.", "GET /traits"},
      {"placement:traits:show", "rule:admin_or_service_api", "", true,
       "See whether there is a trait of this name.", "GET /traits/{name}"},
      {"placement:traits:update", "rule:admin_or_service_api", "", true, "Make a trait.",
       "PUT /traits/{name}"},
      {"placement:traits:delete", "rule:admin_or_service_api", "", true, "Remove a trait.",
       "DELETE /traits/{name}"},
      {"placement:resource_providers:traits:list", "rule:admin_or_service_api", "", true,
       "See the traits of a resource provider.", "GET /resource_providers/{uuid}/traits"},
      {"placement:resource_providers:traits:update", "rule:admin_or_service_api", "", true,
       "Replace the traits of a resource provider.", "PUT /resource_providers/{uuid}/traits"},
      {"placement:resource_providers:traits:delete", "rule:admin_or_service_api", "", true,
       "Take all traits from a resource provider.", "DELETE /resource_providers/{uuid}/traits"},
      {"placement:allocations:manage", "rule:admin_or_service_api", "", true,
       "Change the allocations of several consumers at once.", "POST /allocations"},
      {"placement:allocations:list", "rule:admin_or_service_api", "", true,
       "See what a consumer is allocated.", "GET /allocations/{consumer_uuid}"},
      {"placement:allocations:update", "rule:admin_or_service_api", "", true,
       "Replace what a consumer is allocated.", "PUT /allocations/{consumer_uuid}"},
      {"placement:allocations:delete", "rule:admin_or_service_api", "", true,
       "Remove what a consumer is allocated.", "DELETE /allocations/{consumer_uuid}"},
      {"placement:resource_providers:allocations:list", "rule:admin_or_service_api", "", true,
       "See who is allocated something of a resource provider.",
       "GET /resource_providers/{uuid}/allocations"},
      {"placement:allocation_candidates:list", "rule:admin_or_service_api", "", true,
       "Ask where a request would fit.", "GET /allocation_candidates"},
      {"placement:reshaper:reshape", "rule:service_api", "", true,
       "Move inventories and their allocations between resource providers.", "POST /reshaper"},
  };
  return rules;
}

std::string sample_policy_file() {
  std::string text =
      "# The default policy rules. To change one, take away the # before it and edit its check.\n"
      "# A rule that is not given here keeps its default.\n";
  for (const DefaultRule& rule : default_rules()) {
    text.append("\n# ").append(rule.description).append("\n");
    for (std::string_view rest = rule.operations; !rest.empty();) {
      const std::size_t end = rest.find("; ");
      text.append("# ").append(rest.substr(0, end)).append("\n");
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 2);
    }
    if (rule.project_scope) text.append("# Intended scope(s): project\n");
    if (!rule.deprecated_check.empty()) {
      text.append("# Unless enforce_new_defaults is true, also: ")
          .append(rule.deprecated_check)
          .append("\n");
    }
    text.append("#\"").append(rule.name).append("\": \"").append(rule.check).append("\"\n");
  }
  return text;
}

}  // namespace emplace::policy
