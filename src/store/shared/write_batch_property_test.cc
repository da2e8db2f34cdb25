// Whatever is written in batches, what is loaded afterwards is what was to be written.
#include <gtest/gtest.h>

#include "store/shared/testing_batch.h"
#include "store/testing_writes.h"

namespace emplace::store {
namespace {

TEST(WriteBatchProperty, WhatIsLoadedIsWhatWasWritten) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SharedFile file;
    RandomBatches batches(file.connection(), SharedFile::options(), seed);
    ASSERT_EQ(batches.check(60), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace emplace::store
