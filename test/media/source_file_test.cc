#include "media/source_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/cancellation.h"
#include "media/sync_classifier.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

// A file of 29.97 pictures a second and sound, in a container that lists neither up front.
std::string Unindexed(const std::string& extension) {
  return testing::Clip(
      "-f lavfi -i testsrc2=size=96x64:rate=30000/1001 -f lavfi -i "
      "anoisesrc=sample_rate=44100:seed=3 -t 4 -c:v libx264 -g 30 -c:a aac",
      extension);
}

std::vector<IndexedPacket> Scan(SourceFile& file) {
  const SyncClassifier classifier(*file.video_params());
  return file.ScanPictures([&](const Packet& packet, IndexedPacket& indexed) {
    indexed.kind = classifier.Classify(packet).kind;
  });
}

class UnindexedFile : public ::testing::TestWithParam<std::string> {
 protected:
  CancellationSource cancellation_;
  SourceFile file_{Unindexed(GetParam()), cancellation_.token()};
};

TEST_P(UnindexedFile, GivesEachSoundCursorWhatItAsksForEvenInAnothersPlace) {
  Scan(file_);
  std::optional<SoundCursor> cursor;
  const Rational time_base = file_.sound()->time_base;
  for (const int second : {2, 0, 3, 1}) {
    cursor.emplace();
    cursor->from_pts = ToTicks(Seconds(second), time_base, Rounding::kNearest);
    const std::vector<Packet> packets = file_.ReadSound(*cursor);
    ASSERT_FALSE(packets.empty());
    const Seconds first = FromTicks(packets.front().pts().value_or(0), time_base);
    EXPECT_LE(first, Seconds(second) + Seconds(1, 20));
    const Seconds last = FromTicks(packets.back().pts().value_or(0), time_base);
    EXPECT_GE(last, Seconds(second) - Seconds(1, 20));
  }
}

TEST_P(UnindexedFile, IsReadByOneThreadWhileAnotherAsksOfItsSound) {
  Scan(file_);
  const std::int64_t from = ToTicks(Seconds(1), file_.sound()->time_base, Rounding::kNearest);
  std::jthread sound([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      EXPECT_TRUE(file_.SoundJumps(from, 3 * from, 1024, 256).empty());
    }
  });
  // Each time it returns to the start.
  for (int i = 0; i < 40; ++i) EXPECT_EQ(file_.ReadPictures(0, 2).size(), 2U);
}

TEST_P(UnindexedFile, ShowsItsPicturesAtOneRateWhateverItsClockRounds) {
  std::vector<IndexedPacket> packets = Scan(file_);
  std::sort(packets.begin(), packets.end(),
            [](const IndexedPacket& a, const IndexedPacket& b) { return a.pts < b.pts; });
  const std::int64_t interval =
      ToTicks(Seconds(1001, 30000), file_.picture()->time_base, Rounding::kNearest);
  EXPECT_EQ(FromTicks(interval, file_.picture()->time_base), Seconds(1001, 30000));
  for (std::size_t i = 1; i < packets.size(); ++i) {
    ASSERT_EQ(packets[i].pts - packets[i - 1].pts, interval) << i;
  }
  // What is read later lies at the same places.
  for (const Packet& packet : file_.ReadPictures(30, 33)) {
    const std::int64_t pts = packet.pts().value_or(-1);
    EXPECT_EQ((pts - packets.front().pts) % interval, 0);
  }
}

TEST_P(UnindexedFile, LaysSoundAtWholeFrames) {
  Scan(file_);
  ASSERT_EQ(file_.sound()->parameters.frame_size(), 1024);
  SoundCursor cursor;
  const std::vector<Packet> packets = file_.ReadSound(cursor);
  ASSERT_GT(packets.size(), 10u);
  const std::int64_t first = packets.front().pts().value_or(-1);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(packets[i].pts().value_or(-1), first + static_cast<std::int64_t>(i) * 1024);
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, UnindexedFile, ::testing::Values("mkv", "flv"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace opencut
