#include "timeline/output_shape.h"

#include <gtest/gtest.h>

#include <vector>

#include "test/timeline/plan_text.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

PlanSource Camera(const std::string& name, int width = 1920) {
  PlanSource source = SyntheticStream(StreamPattern()).Source(name);
  source.video->width = source.video->coded_width = width;
  return source;
}

RunRange Lasting(int source, std::int64_t seconds) {
  RunRange range;
  range.source = source;
  range.end = Seconds(seconds);
  return range;
}

TEST(ElectShape, TakesTheSetThatCoversMostPictures) {
  const std::vector<PlanSource> sources = {Camera("a", 1280), Camera("b"), Camera("c"),
                                           Camera("d", 1280)};
  const OutputShape shape =
      ElectShape({Lasting(0, 5), Lasting(1, 3), Lasting(2, 4), Lasting(3, 1)}, sources);
  EXPECT_EQ(shape.template_source, 1);
  EXPECT_EQ(shape.params.width, 1920);
  EXPECT_NE(shape.not_copyable[0], "");
  EXPECT_EQ(shape.not_copyable[1], "");
  EXPECT_EQ(shape.not_copyable[2], "");
  EXPECT_NE(shape.not_copyable[3], "");
}

TEST(ElectShape, CountsPicturesNotSeconds) {
  std::vector<PlanSource> sources = {Camera("a", 1280), Camera("b")};
  sources[1].frame_interval = Seconds(1, 60);
  EXPECT_EQ(ElectShape({Lasting(0, 5), Lasting(1, 3)}, sources).template_source, 1);
}

TEST(ElectShape, PrefersTheFirstSegmentsSetAmongEqualOnes) {
  const std::vector<PlanSource> sources = {Camera("a", 1280), Camera("b"), Camera("c", 1280)};
  EXPECT_EQ(ElectShape({Lasting(1, 4), Lasting(0, 3), Lasting(2, 1)}, sources).template_source, 1);
  EXPECT_EQ(ElectShape({Lasting(0, 3), Lasting(1, 4), Lasting(2, 1)}, sources).template_source, 0);
  EXPECT_EQ(ElectShape({Lasting(2, 3), Lasting(0, 5), Lasting(1, 4)}, sources).template_source, 2)
      << "within a set, the source that comes first";
}

TEST(ElectShape, PassesOverWhatCanNeverBeCopied) {
  std::vector<PlanSource> sources = {Camera("a"), Camera("b"), Camera("c", 1280)};
  sources[0].not_copyable = "it is field-coded";
  const OutputShape shape = ElectShape({Lasting(0, 50), Lasting(1, 2), Lasting(2, 1)}, sources);
  EXPECT_EQ(shape.template_source, 1);
  EXPECT_EQ(shape.not_copyable[0], "it is field-coded");
}

TEST(ElectShape, IsTheFirstSegmentsWhereNothingCanBeCopied) {
  std::vector<PlanSource> sources = {Camera("a"), Camera("b", 1280)};
  for (PlanSource& source : sources) source.not_copyable = "it is field-coded";
  EXPECT_EQ(ElectShape({Lasting(1, 1), Lasting(0, 50)}, sources).template_source, 1);
}

TEST(ElectShape, LeavesUnusedSourcesOut) {
  const OutputShape shape = ElectShape({Lasting(1, 4)}, {PlanSource(), Camera("b")});
  EXPECT_EQ(shape.template_source, 1);
  EXPECT_NE(shape.not_copyable[0], "");
}

TEST(ElectShape, FillsInUnspecifiedColourAndSaysSo) {
  std::vector<PlanSource> sources = {Camera("silent"), Camera("b")};
  sources[0].video->colour.matrix = Colour::kUnspecified;
  const OutputShape shape = ElectShape({Lasting(0, 4), Lasting(1, 1)}, sources);
  EXPECT_EQ(shape.template_source, 0);
  EXPECT_EQ(shape.params.colour.matrix, 1);
  ASSERT_EQ(shape.warnings.size(), 1U);
  EXPECT_EQ(shape.warnings[0].code, "COLOR_UNSPECIFIED");
  EXPECT_NE(shape.warnings[0].message.find("silent"), std::string::npos);
}

TEST(ElectShape, NeverPutsTwoColoursBesideOneThatIsUnspecified) {
  std::vector<PlanSource> sources = {Camera("silent"), Camera("b"), Camera("c")};
  sources[0].video->colour.matrix = Colour::kUnspecified;
  sources[2].video->colour.matrix = 6;
  const OutputShape shape = ElectShape({Lasting(0, 9), Lasting(1, 2), Lasting(2, 3)}, sources);
  EXPECT_EQ(shape.not_copyable[0], "");
  EXPECT_NE(shape.not_copyable[1], "") << "the smaller of the two";
  EXPECT_EQ(shape.not_copyable[2], "");
  EXPECT_EQ(shape.params.colour.matrix, 6);
}

TEST(ElectShape, BearsAnEndFarBeyondItsSource) {
  std::vector<PlanSource> sources = {Camera("a")};
  sources[0].frame_interval = Seconds(123'456'789, 3'700'000'001);
  RunRange run = Lasting(0, 1'000'000'000);
  run.start = Seconds(1, 1'000'000'000);
  EXPECT_EQ(ElectShape({run}, sources).template_source, 0);
}

Rational TimeBase(const std::vector<std::pair<Rational, Rational>>& bases_and_rates) {
  std::vector<PlanSource> sources;
  std::vector<RunRange> runs;
  for (const auto& [time_base, rate] : bases_and_rates) {
    runs.push_back(Lasting(static_cast<int>(sources.size()), 1));
    sources.push_back(Camera("camera"));
    sources.back().video_time_base = time_base;
    sources.back().video->frame_rate = rate;
  }
  // One that is not used counts for nothing.
  sources.push_back(Camera("unused"));
  sources.back().video_time_base = Rational(1, 7);
  return ElectTimeBase(runs, sources);
}

TEST(ElectTimeBase, IsTheSourcesOwnWhereTheyAgree) {
  EXPECT_EQ(TimeBase({{{1, 12'800}, 25}, {{1, 12'800}, {30'000, 1001}}}), Rational(1, 12'800));
  EXPECT_EQ(TimeBase({{{1, 1000}, 30}}), Rational(1, 1000));
  EXPECT_EQ(TimeBase({{{1, 600}, 30}}), Rational(1, 600));
}

TEST(ElectTimeBase, ElseHoldsEveryFrameIntervalWhole) {
  EXPECT_EQ(TimeBase({{{1, 90'000}, {30'000, 1001}}, {{1, 1000}, 25}}), Rational(1, 30'000));
  EXPECT_EQ(TimeBase({{{1, 90'000}, {24'000, 1001}}, {{1, 600}, 60}}), Rational(1, 24'000));
  EXPECT_EQ(TimeBase({{{1, 90'000}, {24'000, 1001}}, {{1, 600}, {60'000, 1001}}}),
            Rational(1, 120'000));
  const Rational fine = TimeBase({{{1, 90'000}, 30}, {{1, 12'800}, 25}});
  EXPECT_EQ(fine.num(), 1);
  EXPECT_EQ(fine.den() % 150, 0);
  EXPECT_GE(fine.den(), 10'000);
}

TEST(ElectTimeBase, IsNeverAsCoarseAsAFrame) {
  EXPECT_EQ(TimeBase({{{1, 25}, 25}}), Rational(1, 25'000));
  EXPECT_EQ(TimeBase({{{1001, 30'000}, {30'000, 1001}}}), Rational(1, 30'000));
}

TEST(ElectTimeBase, FallsBackToNinetyKilohertz) {
  EXPECT_EQ(TimeBase({{{1, 1000}, {30'000, 1001}}, {{1, 600}, {24'683, 1000}}}),
            Rational(1, 90'000));
  EXPECT_EQ(TimeBase({{{1, 1000}, 0}, {{1, 600}, 30}}), Rational(1, 90'000));
}

TEST(EncodedShape, IsUprightAndSquareInTheCanvas) {
  VideoParams phone = *Camera("phone").video;
  phone.display_matrix = DisplayMatrix{0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30};
  phone.interlaced = true;
  const VideoParams own = EncodedShape(phone, Edit{}, Rational(30));
  EXPECT_EQ(own.width, 1080);
  EXPECT_EQ(own.height, 1920);
  EXPECT_EQ(own.display_matrix, std::nullopt);
  EXPECT_FALSE(own.interlaced);
  EXPECT_EQ(own.frame_rate, phone.frame_rate);

  Edit edit;
  edit.width = 1280;
  edit.height = 720;
  edit.frame_rate = Rational(25);
  const VideoParams canvas = EncodedShape(phone, edit, Rational(30));
  EXPECT_EQ(canvas.width, 1280);
  EXPECT_EQ(canvas.height, 720);
  EXPECT_EQ(canvas.frame_rate, Rational(25));
}

TEST(EncodedShape, KeepsTheProportionsWhereOneSideIsGiven) {
  VideoParams wide = *Camera("wide", 1440).video;
  wide.sample_aspect_ratio = Rational(4, 3);
  EXPECT_EQ(EncodedShape(wide, Edit{}, 30).width, 1920);
  Edit by_width;
  by_width.width = 640;
  EXPECT_EQ(EncodedShape(wide, by_width, 30).height, 360);
  Edit by_height;
  by_height.height = 481;
  EXPECT_EQ(EncodedShape(wide, by_height, 30).width, 854) << "even, as 4:2:0 needs it";
  VideoParams narrow = *Camera("narrow").video;
  narrow.sample_aspect_ratio = Rational(1, 2);
  EXPECT_EQ(EncodedShape(narrow, Edit{}, 30).height, 2160) << "no side loses samples";
}

TEST(EncodedShape, TakesTheUsualRateWhereTheSourceSaysNone) {
  VideoParams video = *Camera("a").video;
  video.frame_rate = Rational(0);
  EXPECT_EQ(EncodedShape(video, Edit{}, Rational(24'000, 1001)).frame_rate, Rational(24'000, 1001));
}

}  // namespace
}  // namespace opencut
