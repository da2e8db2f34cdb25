#include "store/shared/touched.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::ElementsAre;

TEST(Touched, IsWrittenInTheOrderOfItsMembers) {
  Touched touched;
  EXPECT_EQ(touched.text(), "");
  EXPECT_TRUE(touched.empty());
  touched.purged = true;
  touched.classes = {10001, 0};
  touched.traits = {5};
  touched.consumers = {"b", "a c"};
  touched.owners = touched.aggregates_of = touched.traits_of = touched.inventories = {12};
  touched.providers = {100, 12};
  EXPECT_EQ(touched.text(), "P12 P100 I12 T12 A12 O12 Ca c Cb t5 c0 c10001 X");
}

TEST(Touched, IsReadAsItIsWritten) {
  const std::string text =
      "P1 P3000000000 I2 T3 A4 O5 Ce4c41a2e-5b06-4d13-8bcb-ea9d5c1b2f65 t0 c10000 X";
  Touched touched;
  EXPECT_TRUE(touched.add(text));
  EXPECT_EQ(touched.text(), text);
  EXPECT_TRUE(touched.add(text));
  EXPECT_EQ(touched.text(), text) << "each thing once";
}

TEST(Touched, AddsToWhatIsThere) {
  Touched touched;
  EXPECT_TRUE(touched.add("P1"));
  EXPECT_TRUE(touched.add(""));
  EXPECT_TRUE(touched.add("P2 Cx"));
  EXPECT_THAT(touched.providers, ElementsAre(1, 2));
  EXPECT_THAT(touched.consumers, ElementsAre("x"));
  EXPECT_FALSE(touched.purged);
}

TEST(Touched, RefusesWhatItDoesNotKnow) {
  for (const auto* text : {"Q1", "P", "C", "P1x", "Px", "P1 ?", "P1  P2", "X1", " P1", "p1",
                           "P99999999999999999999"}) {
    Touched touched;
    EXPECT_FALSE(touched.add(text)) << text;
  }
}

TEST(Touched, MergesEachKind) {
  const std::string kinds[] = {"P1", "I1", "T1", "A1", "O1", "Cx", "t1", "c1", "X"};
  Touched all;
  for (const auto& kind : kinds) {
    Touched one;
    EXPECT_TRUE(one.add(kind));
    EXPECT_FALSE(one.empty()) << kind;
    all.merge(one);
  }
  EXPECT_EQ(all.text(), "P1 I1 T1 A1 O1 Cx t1 c1 X");
  all.merge({});
  EXPECT_EQ(all.text(), "P1 I1 T1 A1 O1 Cx t1 c1 X");
}

}  // namespace
}  // namespace emplace::store
