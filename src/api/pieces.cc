#include "api/pieces.h"

#include <vector>

#include "json/writer.h"

namespace emplace::api {
namespace {

bool has(Microversion version, Feature feature) {
  return version.minor >= static_cast<int>(feature);
}

void write_links(json::Writer& writer, const Provider& provider, Microversion version) {
  struct Link {
    std::string_view rel;
    Feature since;
  };
  constexpr Link links[] = {{"inventories", Feature::always},
                            {"usages", Feature::always},
                            {"aggregates", Feature::aggregates},
                            {"traits", Feature::traits},
                            {"allocations", Feature::allocations_link}};
  const std::string self = "/resource_providers/" + provider.uuid.str();
  const auto write = [&](std::string_view rel, const std::string& href) {
    writer.begin_object().key("rel").value(rel).key("href").value(href).end_object();
  };
  writer.begin_array();
  write("self", self);
  for (const auto& link : links) {
    if (has(version, link.since)) write(link.rel, self + "/" + std::string(link.rel));
  }
  writer.end_array();
}

void write_family(json::Writer& writer, const Tree& tree, const Provider& provider) {
  writer.key("parent_provider_uuid");
  if (provider.parent) {
    writer.value(*provider.parent);
  } else {
    writer.null();
  }
  writer.key("root_provider_uuid").value(tree.root().uuid);
}

// Summaries stand inside of an object that another Writer writes: only the member is made here.
std::string summary_of(const World& world, const Tree& tree, const Provider& provider) {
  std::string out = '"' + provider.uuid.str() + "\": ";
  json::Writer writer(out);
  writer.begin_object();
  writer.key("resources").begin_object();
  for (const auto& inventory : provider.inventories) {
    writer.key(world.resource_class(inventory.resource_class).name).begin_object();
    writer.key("capacity").value(inventory.values.capacity());
    writer.key("used").value(inventory.used);
    writer.end_object();
  }
  writer.end_object();
  writer.key("traits").begin_array();
  for (const auto trait : provider.traits)
    writer.value(world.trait(trait).name);
  writer.end_array();
  write_family(writer, tree, provider);
  writer.end_object();
  return out;
}

}  // namespace

std::string provider_json(const Tree& tree, std::size_t index, Microversion version) {
  const Provider& provider = *tree.nodes[index].provider;
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.key("uuid").value(provider.uuid);
  writer.key("name").value(provider.name);
  writer.key("generation").value(provider.generation);
  writer.key("links");
  write_links(writer, provider, version);
  if (has(version, Feature::nested_providers)) write_family(writer, tree, provider);
  writer.end_object();
  return out;
}

const ProviderPieces& pieces_of(const World& world, const Tree& tree, std::size_t index) {
  return tree.answer.get<std::vector<ProviderPieces>>([&] {
    std::vector<ProviderPieces> pieces(tree.nodes.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].listing = provider_json(tree, i, newest);
      pieces[i].summary = summary_of(world, tree, *tree.nodes[i].provider);
    }
    return pieces;
  })[index];
}

}  // namespace emplace::api
