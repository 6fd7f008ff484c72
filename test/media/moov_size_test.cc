#include "media/moov_size.h"

#include <gtest/gtest.h>

namespace opencut {
namespace {

// What `count` samples of one track add, told from what is there without them.
std::int64_t Added(int count, std::int64_t size_bytes, std::int64_t dts_step,
                   std::int64_t offset_step, int keyframe_every) {
  MoovSize size(0);
  size.AddTrack(0);
  const std::int64_t empty = size.UpperBoundBytes();
  for (int i = 0; i < count; ++i) {
    const std::int64_t dts = dts_step * i * i;
    size.AddSample(0, size_bytes, dts, dts + offset_step * i, i % keyframe_every == 0);
  }
  return size.UpperBoundBytes() - empty;
}

// stsz and sdtp have 5 bytes for every sample, stts, ctts and stss 8, 8 and 4 for each of theirs,
// stsc and co64 20 for every chunk. The last sample's duration is accounted for from the start.
TEST(MoovSize, CountsEveryTable) {
  EXPECT_EQ(Added(1, 10, 0, 0, 1), 5 + 8 + 20);
  EXPECT_EQ(Added(100, 10, 0, 0, 1), 500 + 8 + 8 + 20);
  EXPECT_EQ(Added(100, 10, 0, 0, 10), 500 + 8 + 8 + 40 + 20);
  EXPECT_EQ(Added(100, 10, 0, 1, 1), 500 + 8 + 800 + 20);
  EXPECT_EQ(Added(100, 10, 1, 0, 1), 500 + 8 * 99 + 8 + 20);
}

TEST(MoovSize, BeginsAChunkWhereAMegabyteIsFull) {
  EXPECT_EQ(Added(100, 600 << 10, 0, 0, 1), 500 + 8 + 8 + 100 * 20);
  EXPECT_EQ(Added(100, 300 << 10, 0, 0, 1), 500 + 8 + 8 + 34 * 20);
}

TEST(MoovSize, BeginsAChunkWhereAnotherTrackWasWritten) {
  MoovSize size(0);
  size.AddTrack(0);
  size.AddTrack(0);
  const std::int64_t empty = size.UpperBoundBytes();
  // 0 0 1 0 1 1: four chunks.
  const std::size_t tracks[] = {0, 0, 1, 0, 1, 1};
  std::int64_t dts[] = {0, 0};
  for (const std::size_t track : tracks) {
    size.AddSample(track, 10, dts[track], dts[track], true);
    ++dts[track];
  }
  EXPECT_EQ(size.UpperBoundBytes() - empty, 6 * 5 + 2 * (8 + 8) + 4 * 20);
}

TEST(MoovSize, AddsWhatTheCallerKnows) {
  MoovSize plain(0);
  plain.AddTrack(0);
  MoovSize more(1000);
  more.AddTrack(234);
  EXPECT_EQ(more.UpperBoundBytes() - plain.UpperBoundBytes(), 1234);
}

}  // namespace
}  // namespace opencut
