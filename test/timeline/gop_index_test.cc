#include "timeline/gop_index.h"

#include <gtest/gtest.h>

#include <vector>

#include "test/timeline/random.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

// Ten closed GOPs of 12 pictures, 100 ticks each.
SyntheticStream Camera() {
  StreamPattern pattern;
  pattern.time_base = Rational(1, 3000);
  pattern.frame_ticks = 100;
  pattern.pictures = 120;
  pattern.gop_length = 12;
  pattern.b_frames = 2;
  return SyntheticStream(pattern);
}

GopWindow Window(const SyntheticStream& stream, std::int64_t first, std::int64_t end) {
  return stream.Window(first, end, Knowing::kDecoding);
}

GopIndex RandomIndex(const SyntheticStream& stream, int windows, Random& random) {
  GopIndex index;
  for (int i = 0; i < windows; ++i) {
    const std::int64_t first = random.Between(0, 9) * 12;
    index.Add(Window(stream, first, random.Between(first + 1, stream.packet_count())));
  }
  return index;
}

TEST(GopIndex, KeepsWindowsApartThatDoNotTouch) {
  const SyntheticStream stream = Camera();
  GopIndex index;
  index.Add(Window(stream, 60, 73));
  index.Add(Window(stream, 12, 25));
  ASSERT_EQ(index.windows().size(), 2U);
  EXPECT_EQ(index.windows()[0].first_ordinal, 12);
  EXPECT_EQ(index.windows()[1].first_ordinal, 60);
}

TEST(GopIndex, MergesWindowsThatTouchOverlapOrContainEachOther) {
  const SyntheticStream stream = Camera();
  const std::vector<std::vector<std::pair<int, int>>> cases = {
      {{12, 24}, {24, 40}},          {{12, 30}, {24, 40}}, {{24, 40}, {12, 30}},
      {{12, 40}, {24, 30}},          {{24, 30}, {12, 40}}, {{12, 40}, {12, 40}},
      {{12, 24}, {36, 40}, {24, 36}}};
  for (const auto& windows : cases) {
    GopIndex index;
    for (const auto& [first, end] : windows) index.Add(Window(stream, first, end));
    ASSERT_EQ(index.windows().size(), 1U);
    const GopWindow& merged = index.windows().front();
    const GopWindow whole = Window(stream, 12, 40);
    EXPECT_EQ(merged.first_ordinal, 12);
    EXPECT_EQ(merged.bytes_before, whole.bytes_before);
    EXPECT_EQ(merged.known_from, whole.known_from);
    EXPECT_EQ(merged.known_until, std::max(whole.known_until, stream.packet(36).pts + 1));
    ASSERT_EQ(merged.packets.size(), whole.packets.size());
    for (std::size_t i = 0; i < merged.packets.size(); ++i) {
      EXPECT_EQ(merged.packets[i].pts, whole.packets[i].pts);
    }
  }
}

TEST(GopIndex, RemembersTheEndOfTheStreamFromAnyWindow) {
  const SyntheticStream stream = Camera();
  GopWindow unaware = Window(stream, 96, 120);
  unaware.at_end = false;
  for (const bool unaware_first : {true, false}) {
    GopIndex index;
    if (unaware_first) index.Add(unaware);
    index.Add(Window(stream, 108, 120));
    if (!unaware_first) index.Add(unaware);
    ASSERT_EQ(index.windows().size(), 1U);
    EXPECT_TRUE(index.windows().front().at_end);
  }
}

TEST(GopIndex, TakesNoEmptyWindow) {
  GopIndex index;
  index.Add(GopWindow{});
  EXPECT_TRUE(index.windows().empty());
}

TEST(GopIndex, KnowsWhatIsShownUpToAnIdrPictureWhereverReadingStopped) {
  const SyntheticStream stream = Camera();
  GopIndex index;
  // The last packet read is the IDR picture at 2400, with a dts of 2300.
  index.Add(Window(stream, 12, 25));
  EXPECT_EQ(stream.packet(24).kind, SyncKind::kIdr);
  EXPECT_LT(stream.packet(24).dts, stream.packet(24).pts);
  EXPECT_NE(index.Covering(2400), nullptr);
  EXPECT_EQ(index.Covering(2401), nullptr);
}

TEST(GopIndex, AnswersForWhatLiesBeforeAndBehindTheStream) {
  const SyntheticStream stream = Camera();
  GopIndex index;
  index.Add(Window(stream, 0, 13));
  index.Add(Window(stream, 108, 120));
  const auto first_ordinal_at = [&](std::int64_t pts) -> std::int64_t {
    const GopWindow* window = index.Covering(pts);
    return window == nullptr ? -1 : window->first_ordinal;
  };
  EXPECT_EQ(first_ordinal_at(-5000), 0);
  EXPECT_EQ(first_ordinal_at(0), 0);
  EXPECT_EQ(first_ordinal_at(5000), -1);
  EXPECT_EQ(first_ordinal_at(10'799), -1);
  EXPECT_EQ(first_ordinal_at(10'800), 108);
  EXPECT_EQ(first_ordinal_at(999'999), 108);
}

TEST(ShownPictures, AreInTheOrderOfDisplayWithoutHiddenOnes) {
  StreamPattern pattern;
  pattern.pictures = 20;
  pattern.hidden = {0, 1, 19};
  const SyntheticStream stream(pattern);
  const GopWindow window = stream.Whole();
  std::vector<std::int64_t> pts;
  for (const ShownPicture& picture : ShownPictures(window)) {
    EXPECT_EQ(window.packets[picture.packet].pts, picture.pts);
    pts.push_back(picture.pts);
  }
  EXPECT_EQ(pts, stream.shown_pts());
  EXPECT_EQ(pts.size(), 17U);
}

// However a stream is read piece by piece, the index says of it what one reading says.
TEST(GopIndex, MergesRandomWindowsIntoTheTruth) {
  const SyntheticStream stream = Camera();
  Random random(7);
  for (int round = 0; round < 500; ++round) {
    const GopIndex index = RandomIndex(stream, 6, random);
    std::int64_t behind = -1;
    for (const GopWindow& window : index.windows()) {
      ASSERT_GT(window.first_ordinal, behind);
      behind = window.end_ordinal();
      const GopWindow truth =
          stream.Window(window.first_ordinal, window.end_ordinal(), Knowing::kExact);
      ASSERT_EQ(window.bytes_before, truth.bytes_before);
      ASSERT_EQ(window.at_end, truth.at_end);
      ASSERT_LE(window.known_until, truth.known_until);
      for (std::size_t i = 0; i < truth.packets.size(); ++i) {
        ASSERT_EQ(window.packets[i].pts, truth.packets[i].pts);
      }
    }
  }
}

TEST(GopIndex, FindsTheOneWindowThatKnowsATime) {
  const SyntheticStream stream = Camera();
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    const GopIndex index = RandomIndex(stream, 4, random);
    for (std::int64_t pts = -150; pts < 12'300; pts += 50) {
      std::vector<const GopWindow*> knowing;
      for (const GopWindow& window : index.windows()) {
        const bool begins = pts >= window.known_from || window.first_ordinal == 0;
        const bool ends = pts < window.known_until || window.at_end;
        if (begins && ends) knowing.push_back(&window);
      }
      ASSERT_LE(knowing.size(), 1U);
      ASSERT_EQ(index.Covering(pts), knowing.empty() ? nullptr : knowing.front()) << pts;
    }
  }
}

TEST(GopIndex, KeepsWhatAnyWindowKnowsOfAConvertiblePicture) {
  GopWindow plain;
  plain.packets.resize(6);
  for (std::size_t i = 0; i < plain.packets.size(); ++i) {
    plain.packets[i].pts = plain.packets[i].dts = static_cast<std::int64_t>(i);
  }
  plain.packets[3].kind = SyncKind::kOpen;
  plain.known_until = 6;
  GopWindow tried = plain;
  tried.packets[3].kind = SyncKind::kConvertible;
  for (const bool tried_first : {false, true}) {
    GopIndex index;
    index.Add(tried_first ? tried : plain);
    index.Add(tried_first ? plain : tried);
    ASSERT_EQ(index.windows().size(), 1u);
    EXPECT_EQ(index.windows().front().packets[3].kind, SyncKind::kConvertible);
  }
}

}  // namespace
}  // namespace opencut
