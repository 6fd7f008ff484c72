#include "bitstream/hdr_sei.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bitstream/parameter_sets.h"
#include "bitstream/sample_rewriter.h"
#include "bitstream/sei.h"

namespace opencut {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr NalCodec kHevc = NalCodec::kHevc;

Bytes Sei(const std::vector<SeiMessage>& messages) {
  return WriteSei(kHevc, Bytes{0x4e, 1}, messages);
}

const SeiMessage kLight{.type = kSeiContentLight, .payload = {3, 232, 1, 144}};
const SeiMessage kOtherLight{.type = kSeiContentLight, .payload = {12, 138, 0, 123}};
const SeiMessage kAmbient{.type = kSeiAmbientViewing, .payload = {0, 0, 0, 1, 0, 2, 0, 3}};
const SeiMessage kTime{.type = kSeiPictureTiming, .payload = {16}};
const Bytes kDelimiter = {0x46, 1, 0x50};
const Bytes kIdr = {0x26, 1, 0xaf, 0x11};
const Bytes kSecondSlice = {0x26, 1, 0x2f, 0x22};
const Bytes kMetadata = {0x7c, 1, 0x19, 0x08};
const Bytes kEnhancement = {0x7e, 1, 0x26, 0x01};

Bytes Sample(const std::vector<Bytes>& nals) {
  Bytes sample;
  for (const Bytes& nal : nals) AppendLengthPrefixed(nal, sample);
  return sample;
}

TEST(HdrMessageTypes, AreThoseOfMessagesOnLight) {
  EXPECT_THAT(HdrMessageTypes(kHevc, Sei({kTime, kLight, kAmbient})), ElementsAre(144, 148));
  EXPECT_THAT(HdrMessageTypes(kHevc, Sei({kTime})), IsEmpty());
  EXPECT_THAT(HdrMessageTypes(kHevc, kIdr), IsEmpty());
}

TEST(WithHdrOfHeader, PutsItBeforeTheFirstSlice) {
  const Bytes sample = Sample({kDelimiter, Sei({kTime}), kIdr, kSecondSlice});
  EXPECT_EQ(WithHdrOfHeader(kHevc, sample, {Sei({kLight}), Sei({kAmbient})}),
            Sample({kDelimiter, Sei({kTime}), Sei({kLight}), Sei({kAmbient}), kIdr, kSecondSlice}));
}

TEST(WithHdrOfHeader, LeavesWhatTheSampleSaysItself) {
  const Bytes sample = Sample({Sei({kOtherLight}), kIdr});
  EXPECT_EQ(WithHdrOfHeader(kHevc, sample, {Sei({kLight}), Sei({kAmbient})}),
            Sample({Sei({kOtherLight}), Sei({kAmbient}), kIdr}));
}

// One header cannot say two things of a stream.
TEST(MergeParameterSets, KeepsOnlyTheFirstMembersMessageOnLight) {
  ParameterSets first{.codec = kHevc};
  first.sei = {Sei({kLight})};
  ParameterSets second{.codec = kHevc};
  second.sei = {Sei({kOtherLight}), Sei({kAmbient})};
  const std::vector<ParameterSets> members = {first, second};
  EXPECT_THAT(MergeParameterSets(members).sei, ElementsAre(Sei({kLight}), Sei({kAmbient})));
}

TEST(SampleRewriter, LeavesOutDolbyVisionOnlyWhenToldTo) {
  const Bytes sample = Sample({kIdr, kMetadata, kEnhancement});
  const auto rewritten = [&](bool drops) {
    const SampleRewriter rewriter({.codec = kHevc}, {}, {.drop_dolby_vision = drops});
    return rewriter.Rewrite(sample).value_or(sample);
  };
  EXPECT_EQ(rewritten(false), sample);
  EXPECT_EQ(rewritten(true), Sample({kIdr}));
}

}  // namespace
}  // namespace opencut
