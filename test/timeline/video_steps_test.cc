#include "timeline/video_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "test/timeline/plan_checks.h"
#include "test/timeline/plan_text.h"
#include "test/timeline/synthetic_source.h"
#include "timeline/planner.h"

namespace opencut {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kTicks = 3000;  // Of a picture, at 30 frames per second.

StreamPattern Gops(int gop_length, int b_frames, int pictures = 300) {
  StreamPattern pattern;
  pattern.gop_length = gop_length;
  pattern.b_frames = b_frames;
  pattern.pictures = pictures;
  return pattern;
}

// Pictures [first, end) of one source.
PlannedRun RunOf(const PlanSource& source, std::int64_t first, std::int64_t end,
                 RenderMode mode = RenderMode::kHybrid) {
  Edit edit;
  edit.segments = {{0, Seconds(first, 30), Seconds(end, 30)}};
  PlanOptions options;
  options.mode = mode;
  Plan plan = MakePlan(edit, {source}, options);
  EXPECT_EQ(plan.runs.size(), 1U);
  return plan.runs.at(0);
}

PlannedRun RunOf(const SyntheticStream& stream, std::int64_t first, std::int64_t end) {
  Edit edit;
  edit.segments = {{0, Seconds(first, 30), Seconds(end, 30)}};
  const Plan plan = MakePlan(edit, {stream.Source()}, {});
  ExpectNoGaps(plan, {stream});
  ExpectPlayable(plan, {stream});
  ExpectLeastEncoded(plan, {stream});
  ExpectRuleKept(plan, {stream});
  return plan.runs.at(0);
}

// "copy 30 encode 3" and so on.
std::string Kinds(const PlannedRun& run) {
  std::string kinds;
  for (const VideoStep& step : run.steps) {
    if (!kinds.empty()) kinds += " ";
    kinds += (step.kind == StepKind::kCopy ? "copy " : "encode ") + std::to_string(step.frames);
  }
  return kinds;
}

TEST(HybridSteps, EncodesToTheNextIdrPictureAndBehindTheLastCleanPoint) {
  // Anchors of a GOP: 0, 4, ... 56, 59.
  const PlannedRun run = RunOf(SyntheticStream(Gops(60, 3)), 10, 127);
  EXPECT_EQ(Kinds(run), "encode 50 copy 65 encode 2");
  EXPECT_THAT(run.steps[0].reason, HasSubstr("next IDR"));
  EXPECT_THAT(run.steps[2].reason, HasSubstr("clean point"));
  EXPECT_EQ(run.steps[0].first_ordinal, 0) << "decoded from the IDR picture before the cut";
  EXPECT_EQ(run.steps[0].end_ordinal, 60);
  EXPECT_EQ(run.steps[1].first_ordinal, 60);
  EXPECT_EQ(run.steps[1].end_ordinal, 125);
  EXPECT_EQ(run.steps[1].end_pts, 125 * kTicks);
  EXPECT_EQ(run.steps[2].first_ordinal, 120);
  EXPECT_EQ(run.steps[2].end_ordinal, 128) << "the two pictures need the P-frame behind them";
}

TEST(HybridSteps, EveryTailPhaseCostsWhatTheReorderingDemands) {
  for (int b_frames = 0; b_frames <= 3; ++b_frames) {
    for (const bool pyramid : {false, true}) {
      StreamPattern pattern = Gops(60, b_frames);
      pattern.pyramid = pyramid;
      const SyntheticStream stream(pattern);
      for (int length = 1; length <= 59; ++length) {
        // Anchors come every b + 1 pictures; only behind a whole group nothing is missing.
        const int encoded = (length - 1) % (b_frames + 1);
        std::string expected = "copy " + std::to_string(length - encoded);
        if (encoded > 0) expected += " encode " + std::to_string(encoded);
        EXPECT_EQ(Kinds(RunOf(stream, 60, 60 + length)), expected)
            << b_frames << " B-frames, " << length << " pictures";
      }
      EXPECT_EQ(Kinds(RunOf(stream, 60, 120)), "copy 60");
      EXPECT_EQ(Kinds(RunOf(stream, 60, 121)), "copy 61");
    }
  }
}

TEST(HybridSteps, TakesSinglePictures) {
  const SyntheticStream stream(Gops(60, 3));
  EXPECT_EQ(Kinds(RunOf(stream, 0, 1)), "copy 1") << "the first";
  EXPECT_EQ(Kinds(RunOf(stream, 120, 121)), "copy 1") << "an IDR picture";
  EXPECT_EQ(Kinds(RunOf(stream, 299, 300)), "encode 1") << "the last";
  EXPECT_EQ(Kinds(RunOf(stream, 119, 121)), "encode 1 copy 1") << "two across an IDR picture";
  const PlannedRun b_frame = RunOf(stream, 61, 62);
  EXPECT_EQ(Kinds(b_frame), "encode 1");
  EXPECT_EQ(b_frame.steps[0].first_ordinal, 60);
  EXPECT_EQ(b_frame.steps[0].end_ordinal, 63) << "I, P, and itself";
}

TEST(HybridSteps, CopiesToTheEndOfTheStream) {
  const SyntheticStream stream(Gops(60, 3));
  EXPECT_EQ(Kinds(RunOf(stream, 0, 300)), "copy 300");
  const PlannedRun last_gop = RunOf(stream, 240, 300);
  EXPECT_EQ(Kinds(last_gop), "copy 60");
  EXPECT_EQ(last_gop.steps[0].end_pts, stream.end_pts());
  EXPECT_EQ(last_gop.out_point, stream.end());
}

TEST(HybridSteps, EncodesAllWhereNoIdrPictureLiesBetween) {
  const SyntheticStream one_idr(Gops(300, 3));
  const PlannedRun run = RunOf(one_idr, 30, 60);
  EXPECT_EQ(Kinds(run), "encode 30");
  EXPECT_THAT(run.steps[0].reason, HasSubstr("no IDR"));
  EXPECT_EQ(Kinds(RunOf(one_idr, 0, 61)), "copy 61");
  const SyntheticStream long_gops(Gops(250, 3));
  EXPECT_EQ(Kinds(RunOf(long_gops, 249, 300)), "encode 1 copy 50");
  EXPECT_EQ(Kinds(RunOf(long_gops, 1, 250)), "encode 249");
}

TEST(HybridSteps, PassesThroughOpenGopsButNeverBeginsAtOne) {
  StreamPattern pattern = Gops(60, 3);
  pattern.idr_every = 3;  // IDR pictures at 0 and 180, open GOPs at 60, 120 and 240.
  const SyntheticStream stream(pattern);
  EXPECT_EQ(Kinds(RunOf(stream, 60, 180)), "encode 120");
  EXPECT_EQ(Kinds(RunOf(stream, 100, 300)), "encode 80 copy 120");
  EXPECT_EQ(Kinds(RunOf(stream, 0, 120)), "copy 117 encode 3") << "up to the leading pictures";
  const PlannedRun leading = RunOf(stream, 58, 59);
  EXPECT_EQ(leading.steps[0].first_ordinal, 0) << "a leading picture leans on the GOP before";
}

TEST(HybridSteps, EveryPictureAnIdrPicture) {
  EXPECT_EQ(Kinds(RunOf(SyntheticStream(Gops(1, 0)), 17, 203)), "copy 186");
}

TEST(HybridSteps, CopiesWhatIsHeldAcrossACutWithItsNewTime) {
  // The IDR picture at 60 is on screen for two seconds more.
  StreamPattern pattern = Gops(60, 3);
  pattern.held = {{60, 60 * kTicks}};
  const SyntheticStream stream(pattern);
  const PlannedRun run = RunOf(stream, 90, 200);
  EXPECT_EQ(run.in_point, Seconds(3));
  EXPECT_EQ(run.first_pts, 60 * kTicks);
  EXPECT_EQ(run.steps[0].kind, StepKind::kCopy);
  EXPECT_EQ(OutputTime(run, 60 * kTicks, Rational(1, 90'000)), Seconds(0));
  EXPECT_EQ(OutputTime(run, 121 * kTicks, Rational(1, 90'000)), Seconds(31, 30));
}

TEST(HybridSteps, EncodesWhatAnEditListWouldMakeACopyShow) {
  StreamPattern pattern = Gops(60, 3);
  // As an editor app trims: the start within the first GOP, the end within the last.
  for (int i = 0; i < 10; ++i) pattern.hidden.insert(i);
  for (int i = 295; i < 300; ++i) pattern.hidden.insert(i);
  const SyntheticStream stream(pattern);
  const PlannedRun run = RunOf(stream, 10, 295);
  // Clean points of the last GOP: behind 240, 244, ... 292; 296 is hidden and 293 leans on it.
  EXPECT_EQ(Kinds(run), "encode 50 copy 233 encode 2");
  EXPECT_EQ(run.steps[0].first_ordinal, 0) << "decoded from the hidden IDR picture";
}

TEST(HybridSteps, EncodesAllWhereAnEditListHidesWhatLiesFarFromTheCuts) {
  const SyntheticStream stream(Gops(60, 3));
  PlanSource source = stream.Source();
  GopIndex index;
  index.Add(stream.Window(0, 100, Knowing::kDecoding));
  index.Add(stream.Window(240, 300, Knowing::kDecoding));
  index.SetHiddenOrdinals({150});
  source.index = index;
  const PlannedRun run = RunOf(source, 10, 290);
  ASSERT_EQ(run.steps.size(), 1U);
  EXPECT_THAT(run.steps[0].reason, HasSubstr("edit list"));
  EXPECT_EQ(run.steps[0].frames, 279);
}

TEST(HybridSteps, SaysWhyASourceIsNotCopied) {
  PlanSource source = SyntheticStream(Gops(60, 3)).Source();
  source.not_copyable = "it is field-coded";
  EXPECT_EQ(RunOf(source, 0, 60).steps[0].reason, "it is field-coded");
}

TEST(HybridSteps, DividesALongEncodeAtSyncSamples) {
  for (const int idr_every : {1, 4}) {
    StreamPattern pattern = Gops(60, 3, 900);
    pattern.idr_every = idr_every;
    const SyntheticStream stream(pattern);
    PlanSource source = stream.Source();
    source.not_copyable = "its codec is mpeg4";
    std::vector<SyncPoint> points;
    for (std::int64_t i = 0; i < stream.packet_count(); ++i) {
      const IndexedPacket& packet = stream.packet(i);
      if (packet.kind != SyncKind::kNone) points.push_back({packet.pts, i});
    }
    source.index.SetDivisionPoints(points);
    Edit edit;
    edit.segments = {{0, Seconds(1), Seconds(29)}};
    const Plan plan = MakePlan(edit, {source}, {});
    ExpectNoGaps(plan, {stream});
    ExpectPlayable(plan, {stream});
    // No piece is shorter than 4 s: from 1 s to 6, 10, 14, 18, 22 and 29 s.
    EXPECT_EQ(Kinds(plan.runs[0]),
              "encode 150 encode 120 encode 120 encode 120 encode 120 "
              "encode 210");
  }
}

TEST(HybridSteps, DividesByWindowsThatKnowLittleMoreThanTheSyncSample) {
  StreamPattern pattern = Gops(60, 3, 900);
  pattern.idr_every = 2;
  const SyntheticStream stream(pattern);
  PlanSource source = stream.Source();
  source.not_copyable = "its codec is mpeg4";
  GopIndex index;
  std::vector<SyncPoint> points;
  index.Add(stream.Window(0, 60, Knowing::kDecoding));
  for (std::int64_t i = 0; i < stream.packet_count(); ++i) {
    if (stream.packet(i).kind == SyncKind::kNone || stream.packet(i).pts % (120 * kTicks) != 0) {
      continue;
    }
    points.push_back({stream.packet(i).pts, i});
    index.Add(stream.Window(i, i + 6, Knowing::kExact));
  }
  index.Add(stream.Window(840 - 3, 900, Knowing::kDecoding));
  index.SetDivisionPoints(points);
  source.index = index;
  Edit edit;
  edit.segments = {{0, Seconds(1), Seconds(29)}};
  const Plan plan = MakePlan(edit, {source}, {});
  ExpectNoGaps(plan, {stream});
  ExpectPlayable(plan, {stream});
  EXPECT_EQ(plan.runs[0].steps.size(), 6U);
}

TEST(HybridSteps, FailsLoudlyWhenTheIndexStopsBeforeTheNextIdrPicture) {
  const SyntheticStream stream(Gops(60, 3));
  PlanSource source = stream.Source();
  GopIndex index;
  index.Add(stream.Window(0, 30, Knowing::kDecoding));
  index.Add(stream.Window(180, 300, Knowing::kDecoding));
  source.index = index;
  EXPECT_THROW(RunOf(source, 10, 200), std::logic_error);
}

TEST(HybridSteps, NeedsNoMoreThanTheFirstPictureForWhatLiesBeforeIt) {
  StreamPattern pattern = Gops(60, 3);
  pattern.first_pts = 90'000;
  const SyntheticStream stream(pattern);
  PlanSource source = stream.Source();
  GopIndex index;
  index.Add(stream.Window(0, 1, Knowing::kDecoding));
  source.index = index;
  const PlannedRun run = RunOf(source, 3, 15);
  EXPECT_EQ(Kinds(run), "encode 1");
  EXPECT_EQ(run.in_point, Seconds(3, 30));
  EXPECT_EQ(run.out_point, Seconds(15, 30));
  EXPECT_EQ(run.steps[0].end_ordinal, 1);
}

TEST(CopyStep, GrowsFromTheIdrPictureBeforeToTheCleanPointBehind) {
  const SyntheticStream stream(Gops(60, 3));
  const PlannedRun run = RunOf(stream.Source(), 70, 127, RenderMode::kCopy);
  ASSERT_EQ(run.steps.size(), 1U);
  EXPECT_EQ(run.steps[0].first_ordinal, 60);
  EXPECT_EQ(run.steps[0].end_ordinal, 129);
  EXPECT_EQ(run.in_point, Seconds(2));
  EXPECT_EQ(run.out_point, Seconds(129, 30));
  EXPECT_EQ(run.range.start, run.in_point) << "the sound covers the same";
  EXPECT_EQ(run.range.end, run.out_point);
}

TEST(CopyStep, TakesNoMoreThanAskedForWhereCutsAreClean) {
  const SyntheticStream stream(Gops(60, 3));
  EXPECT_EQ(Kinds(RunOf(stream.Source(), 60, 125, RenderMode::kCopy)), "copy 65");
  EXPECT_EQ(Kinds(RunOf(stream.Source(), 120, 240, RenderMode::kCopy)), "copy 120");
  EXPECT_EQ(Kinds(RunOf(stream.Source(), 240, 300, RenderMode::kCopy)), "copy 60");
}

TEST(CopyStep, FollowsOneRunUponAnother) {
  const SyntheticStream stream(Gops(60, 3));
  Edit edit;
  edit.segments = {{0, Seconds(3), Seconds(4)}, {0, Seconds(7), Seconds(241, 30)}};
  PlanOptions options;
  options.mode = RenderMode::kCopy;
  const Plan plan = MakePlan(edit, {stream.Source()}, options);
  ASSERT_EQ(plan.runs.size(), 2U);
  EXPECT_EQ(Kinds(plan.runs[0]), "copy 60");
  EXPECT_EQ(Kinds(plan.runs[1]), "copy 61");
  EXPECT_EQ(plan.runs[1].picture_start, Seconds(2));
  EXPECT_EQ(plan.runs[1].timeline_start, Seconds(2));
  EXPECT_EQ(plan.duration, Seconds(121, 30));
  EXPECT_EQ(plan.timeline_end, plan.duration);
}

TEST(CopyStep, SaysWhatCannotBeCopied) {
  PlanSource source = SyntheticStream(Gops(60, 3)).Source("camera.mp4");
  const auto refused = [&] {
    try {
      RunOf(source, 70, 127, RenderMode::kCopy);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
      EXPECT_EQ(error.context().segment, 0);
      EXPECT_NE(error.hint(), "");
      return std::string(error.what());
    }
    return std::string("made");
  };
  EXPECT_EQ(refused(), "made");
  source.not_copyable = "it is field-coded";
  EXPECT_THAT(refused(), HasSubstr("field-coded"));
  // The only IDR picture is hidden.
  StreamPattern pattern = Gops(300, 3);
  pattern.hidden = {0};
  source = SyntheticStream(pattern).Source("camera.mp4");
  EXPECT_THAT(refused(), HasSubstr("IDR"));
}

TEST(DecodeStep, ReadsWhatIsOnScreenInTheRange) {
  const SyntheticStream stream(Gops(60, 3));
  const PlanSource source = stream.Source();
  const PictureClock clock(source);
  RunRange range;
  range.start = Seconds(61, 30) + Seconds(1, 100);
  range.end = Seconds(62, 30) - Seconds(1, 100);
  const VideoStep one = DecodeStep(clock, range);
  EXPECT_EQ(one.first_pts, 61 * kTicks);
  EXPECT_EQ(one.end_pts, 62 * kTicks);
  EXPECT_EQ(one.first_ordinal, 60);
  EXPECT_EQ(one.end_ordinal, 63);
  range.end = Seconds(63, 30);
  EXPECT_EQ(DecodeStep(clock, range).end_pts, 63 * kTicks);
}

TEST(DecodeStep, ReadsTheFirstPictureForWhatLiesBeforeIt) {
  StreamPattern pattern = Gops(60, 3);
  pattern.first_pts = 90'000;
  const SyntheticStream stream(pattern);
  const PlanSource source = stream.Source();
  RunRange range;
  range.end = Seconds(1, 2);
  const VideoStep step = DecodeStep(PictureClock(source), range);
  EXPECT_THAT(PicturesIn(stream, step.first_pts, step.end_pts), testing::ElementsAre(90'000));
  EXPECT_EQ(step.end_ordinal, 1);
}

}  // namespace
}  // namespace opencut
