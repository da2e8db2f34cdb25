// Worlds written as text, for tests: a line a provider, indented two spaces below its parent.
//
//   cn1 @7 VCPU=8/ratio=16/reserved=1 MEMORY_MB=1024 trait:HW_CPU_X86_AVX2 in:rack1 used VCPU=2
//     gpu0 VGPU=1 owner:PROJECT/USER
//     numa0 VCPU=4/min=1/max=4/step=2
//
// `@7` is the generation; `in:` names an aggregate; `owner:` is who created the provider (without
// it, nobody knows), up to the first slash the project, then the user; all that is used on a
// provider is held by one consumer. Names stand for UUIDs: uuid_of("cn1"). Traits and classes are
// created as they appear.
#pragma once

#include <string_view>

#include "model/world.h"

namespace emplace {

// The UUID that a name stands for.
Uuid uuid_of(std::string_view name);
// Throws std::invalid_argument on text that is no world.
World parse_world(std::string_view text);

}  // namespace emplace
