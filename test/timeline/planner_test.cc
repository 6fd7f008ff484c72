#include "timeline/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "test/timeline/plan_checks.h"
#include "test/timeline/plan_text.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

using testing::HasSubstr;

// 10 s at 30 frames per second, 3000 ticks a picture, an IDR picture every second.
SyntheticStream Camera() {
  StreamPattern pattern;
  pattern.gop_length = 30;
  return SyntheticStream(pattern);
}

Seconds Frames(std::int64_t frames) { return Seconds(frames, 30); }

Segment Of(int source, const Seconds& start, const Seconds& end, bool heard = true) {
  return {source, start, end, heard};
}

Edit EditOf(std::vector<Segment> segments) {
  Edit edit;
  edit.segments = std::move(segments);
  return edit;
}

Plan PlanOf(std::vector<Segment> segments, const std::vector<PlanSource>& sources,
            const PlanOptions& options = {}) {
  return MakePlan(EditOf(std::move(segments)), sources, options);
}

Error ErrorOf(const Edit& edit, const std::vector<PlanSource>& sources,
              const PlanOptions& options = {}) {
  try {
    MakePlan(edit, sources, options);
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("the plan was made");
}

std::vector<std::string> Codes(const Plan& plan) {
  std::vector<std::string> codes;
  for (const Warning& warning : plan.warnings) codes.push_back(warning.code);
  return codes;
}

TEST(MakePlan, EncodesNothingWhereEveryCutLiesOnAnIdrPicture) {
  const Plan plan = PlanOf({Of(0, 2, 4), Of(1, 4, 5), Of(0, 8, 10)},
                           {Camera().Source("a"), Camera().Source("b")});
  EXPECT_EQ(plan.mode, RenderMode::kHybrid);
  EXPECT_EQ(plan.video.encoder, "");
  EXPECT_EQ(plan.video.frames_encoded, 0);
  EXPECT_EQ(plan.video.frames_copied, 150);
  EXPECT_EQ(plan.encoded, Seconds(0));
  EXPECT_EQ(plan.duration, Seconds(5));
  EXPECT_THAT(plan.video.copied_sources, testing::ElementsAre(0, 1));
  EXPECT_EQ(plan.video.reorder_depth, 1);
  EXPECT_THAT(Codes(plan), testing::IsEmpty());
  for (const PlannedRun& run : plan.runs) {
    ASSERT_EQ(run.steps.size(), 1U);
    EXPECT_EQ(run.steps[0].kind, StepKind::kCopy);
  }
}

TEST(MakePlan, ClampsAnEndBeyondTheSourceAndSaysSo) {
  const Plan plan = PlanOf({Of(0, 8, 9), Of(0, 9, 12)}, {Camera().Source("a.mp4")});
  EXPECT_EQ(plan.duration, Seconds(2));
  ASSERT_THAT(Codes(plan), testing::ElementsAre("END_CLAMPED"));
  EXPECT_EQ(plan.warnings[0].segment, 1);
  EXPECT_THAT(plan.warnings[0].message, HasSubstr("a.mp4"));
  EXPECT_THAT(plan.warnings[0].message, HasSubstr("12000 ms"));
}

TEST(MakePlan, ClampsAnEndThatStandsForTheEndOfTheFile) {
  StreamPattern odd;
  odd.time_base = Rational(1, 11'988);
  odd.frame_ticks = 400;
  const SyntheticStream stream(odd);
  const Plan plan =
      PlanOf({Of(0, Seconds(1, 3'000'000), Seconds(1'000'000'000))}, {stream.Source()});
  EXPECT_EQ(plan.video.frames_copied, 300);
}

TEST(MakePlan, RefusesASegmentThatStartsAtOrBeyondTheEnd) {
  const std::vector<PlanSource> sources = {Camera().Source("a.mp4")};
  for (const Seconds& start : {Seconds(10), Seconds(11)}) {
    const Error error = ErrorOf(EditOf({Of(0, 1, 2), Of(0, start, 20)}), sources);
    EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
    EXPECT_EQ(error.context().segment, 1);
    EXPECT_EQ(error.context().source, 0);
    EXPECT_EQ(error.context().path, "a.mp4");
  }
  const Error continued = ErrorOf(
      EditOf({Of(0, 9, Seconds(100'005, 10'000)), Of(0, Seconds(100'005, 10'000), 11)}), sources);
  EXPECT_EQ(continued.code(), ErrorCode::kOutOfRange) << "though it continues a run";
  EXPECT_EQ(continued.context().segment, 1);
}

TEST(MakePlan, RefusesASourceWithoutPictures) {
  PlanSource source = Camera().Source("sound.m4a");
  source.video.reset();
  const Error error = ErrorOf(EditOf({Of(0, 1, 2)}), {source});
  EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  EXPECT_EQ(error.context().path, "sound.m4a");
}

TEST(MakePlan, DropsTheShortestSegmentsAndStaysInStep) {
  // 5 ms of the second camera between two long segments of the first.
  const Seconds tiny(5, 1000);
  const Plan plan = PlanOf({Of(0, 1, 2), Of(1, 3, 3 + tiny), Of(0, 4, 5)},
                           {Camera().Source("a"), Camera().Source("b")});
  ASSERT_EQ(plan.runs.size(), 3U);
  EXPECT_TRUE(plan.runs[1].steps.empty());
  EXPECT_EQ(plan.runs[1].length(), tiny) << "its sound is there";
  EXPECT_EQ(plan.runs[2].timeline_start, 1 + tiny);
  EXPECT_EQ(plan.runs[2].picture_start, Seconds(1));
  EXPECT_EQ(plan.timeline_end, 2 + tiny);
  ASSERT_THAT(Codes(plan), testing::ElementsAre("SEGMENT_DROPPED"));
  EXPECT_EQ(plan.warnings[0].segment, 1);
}

TEST(MakePlan, NeverRunsAheadOrBehindOverManyShortSegments) {
  // Each is three fifths of a frame: two of three show a picture.
  std::vector<Segment> segments;
  for (int i = 0; i < 200; ++i) {
    segments.push_back(Of(i % 2, Seconds(2), Seconds(2) + Seconds(20, 1000)));
  }
  const Streams streams = {Camera(), Camera()};
  const Plan plan = PlanOf(segments, {streams[0].Source("a"), streams[1].Source("b")});
  EXPECT_EQ(plan.timeline_end, Seconds(4));
  EXPECT_EQ(plan.duration, Seconds(4));
  ExpectRuleKept(plan, streams);
}

TEST(MakePlan, RefusesAnEditThatShowsNothing) {
  const Error error = ErrorOf(EditOf({Of(0, 1, Seconds(1001, 1000))}), {Camera().Source("a.mp4")});
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  EXPECT_EQ(error.context().segment, 0);
}

TEST(MakePlan, ReencodesASourceOfAnotherShapeAndCopiesTheRest) {
  std::vector<PlanSource> sources = {Camera().Source("small.mp4"), Camera().Source("b")};
  sources[0].video->width = sources[0].video->coded_width = 1280;
  const Plan plan = PlanOf({Of(0, 0, 2), Of(1, 1, 9)}, sources);
  EXPECT_EQ(plan.video.shape.width, 1920);
  EXPECT_EQ(plan.video.encoder, "libx264");
  EXPECT_EQ(plan.video.frames_encoded, 60);
  EXPECT_EQ(plan.video.frames_copied, 240);
  EXPECT_THAT(plan.video.copied_sources, testing::ElementsAre(1));
  EXPECT_THAT(plan.runs[0].steps[0].reason, HasSubstr("size"));
  ASSERT_THAT(Codes(plan), testing::ElementsAre("SOURCE_REENCODED"));
  EXPECT_THAT(plan.warnings[0].message, HasSubstr("small.mp4"));
}

TEST(MakePlan, NamesTheCopiedSourceOfTheShapeFirst) {
  std::vector<PlanSource> sources = {Camera().Source("a"), Camera().Source("b")};
  const Plan plan = PlanOf({Of(1, 0, 1), Of(0, 0, 5)}, sources);
  EXPECT_THAT(plan.video.copied_sources, testing::ElementsAre(1, 0));
}

TEST(MakePlan, DescribesTheEncodersStreamWhereNothingIsCopied) {
  std::vector<PlanSource> sources = {Camera().Source("vp9.mkv")};
  sources[0].video->codec = "vp9";
  sources[0].video->extradata = {1, 2, 3};
  sources[0].not_copyable = "its codec is vp9";
  sources[0].video->frame_rate = Rational(0);
  const Plan plan = PlanOf({Of(0, 0, 1)}, sources);
  EXPECT_EQ(plan.video.encoder, "libx264");
  EXPECT_EQ(plan.video.shape.codec, "h264");
  EXPECT_TRUE(plan.video.shape.extradata.empty());
  EXPECT_EQ(plan.video.shape.frame_rate, Rational(30));
  EXPECT_TRUE(plan.video.copied_sources.empty());
}

TEST(MakePlan, RefusesToReencodeASourceWhereThatIsForbidden) {
  std::vector<PlanSource> sources = {Camera().Source("a"), Camera().Source("field-coded.mp4")};
  sources[1].not_copyable = "it is field-coded";
  PlanOptions options;
  options.fallback = Fallback::kFail;
  EXPECT_NO_THROW(PlanOf({Of(0, Frames(5), Frames(100))}, sources, options))
      << "heads and tails are no fallback";
  const Error error = ErrorOf(EditOf({Of(0, 0, 5), Of(1, 5, 6)}), sources, options);
  EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  EXPECT_EQ(error.context().source, 1);
  EXPECT_EQ(error.context().segment, 1);
  EXPECT_THAT(error.what(), HasSubstr("field-coded"));
  options.mode = RenderMode::kReencode;
  EXPECT_NO_THROW(PlanOf({Of(0, 0, 5), Of(1, 5, 6)}, sources, options)) << "that is asked for";
}

TEST(MakePlan, RefusesToReencodePicturesWithOtherParameterSetsWhereThatIsForbidden) {
  const SyntheticStream camera = Camera();
  std::vector<PlanSource> sources = {camera.Source("joined.mp4")};
  sources[0].index.AddOtherSets({camera.shown_pts()[120], camera.shown_pts()[180]});
  PlanOptions options;
  options.fallback = Fallback::kFail;
  const Error error = ErrorOf(EditOf({Of(0, 1, 8)}), sources, options);
  EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  EXPECT_EQ(error.context().source, 0);
  EXPECT_THAT(error.what(), HasSubstr("parameter sets"));
  EXPECT_NO_THROW(PlanOf({Of(0, 0, 3), Of(0, 7, 9)}, sources, options)) << "none lie there";
}

TEST(MakePlan, SaysWhosePicturesLookDifferent) {
  std::vector<PlanSource> sources = {Camera().Source("sdr.mp4"), Camera().Source("hdr.mp4")};
  sources[1].video->colour.transfer = Colour::kPq;
  const std::vector<Segment> segments = {Of(0, 0, 5), Of(1, 5, 6), Of(1, 7, 8)};
  PlanOptions options;
  const auto told = [&] {
    int count = 0;
    for (const Warning& warning : PlanOf(segments, sources, options).warnings) {
      count += warning.code == "COLOR_NOT_CONVERTED" ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(told(), 0);
  options.can_convert_light = false;
  EXPECT_EQ(told(), 1);
  options.mode = RenderMode::kReencode;
  EXPECT_EQ(told(), 1);
}

TEST(MakePlan, RefusesToEncodeMoreThanAllowed) {
  const std::vector<PlanSource> sources = {Camera().Source()};
  PlanOptions options;
  // The head has 29 pictures.
  options.max_encoded_seconds = 29.0 / 30;
  EXPECT_NO_THROW(PlanOf({Of(0, Frames(1), 3)}, sources, options));
  options.max_encoded_seconds = 28.9 / 30;
  const Error error = ErrorOf(EditOf({Of(0, Frames(1), 3)}), sources, options);
  EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  EXPECT_NE(error.hint(), "");
  options.max_encoded_seconds = 0;
  EXPECT_NO_THROW(PlanOf({Of(0, 1, 3)}, sources, options));
}

TEST(MakePlan, WarnsOfACanvasThatACopyCannotHeed) {
  const std::vector<PlanSource> sources = {Camera().Source()};
  Edit edit = EditOf({Of(0, 1, 2)});
  edit.width = 1920;
  edit.height = 1080;
  edit.frame_rate = Rational(30);
  EXPECT_THAT(Codes(MakePlan(edit, sources, {})), testing::IsEmpty());
  edit.width = 1280;
  EXPECT_THAT(Codes(MakePlan(edit, sources, {})), testing::ElementsAre("CANVAS_IGNORED"));
  edit.width.reset();
  edit.frame_rate = Rational(30'000, 1001);
  EXPECT_THAT(Codes(MakePlan(edit, sources, {})), testing::ElementsAre("CANVAS_IGNORED"));
  PlanOptions options;
  options.mode = RenderMode::kReencode;
  EXPECT_THAT(Codes(MakePlan(edit, sources, options)), testing::IsEmpty());
}

TEST(MakePlan, ComparesTheCanvasWithAPhonesPicturesAsTheyAreShown) {
  std::vector<PlanSource> sources = {Camera().Source()};
  sources[0].video->display_matrix = DisplayMatrix{0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30};
  Edit edit = EditOf({Of(0, 1, 2)});
  edit.width = 1080;
  edit.height = 1920;
  EXPECT_THAT(Codes(MakePlan(edit, sources, {})), testing::IsEmpty());
}

TEST(MakePlan, ReencodesEveryPictureOntoTheCanvasesOwnGrid) {
  const std::vector<PlanSource> sources = {Camera().Source("a"), Camera().Source("b")};
  Edit edit = EditOf({Of(0, Frames(7), Frames(40)), Of(1, 2, Seconds(2002, 1000)), Of(0, 5, 6)});
  edit.codec = OutputCodec::kH265;
  edit.width = 1280;
  edit.height = 720;
  edit.frame_rate = Rational(24'000, 1001);
  const Plan plan = MakePlan(edit, sources, {});
  EXPECT_EQ(plan.mode, RenderMode::kReencode);
  EXPECT_EQ(plan.video.encoder, "libx265");
  EXPECT_EQ(plan.video.shape.codec, "hevc");
  EXPECT_EQ(plan.video.shape.width, 1280);
  EXPECT_EQ(plan.video.time_base, Rational(1001, 24'000));
  // 1.1 + 0.002 + 1 s at 23.976 frames per second are 50.40 frames.
  EXPECT_EQ(plan.timeline_end, Seconds(2102, 1000));
  EXPECT_EQ(plan.video.frames_encoded, 50);
  EXPECT_EQ(plan.duration, Rational(50) * Rational(1001, 24'000));
  ASSERT_EQ(plan.runs.size(), 3U);
  // The middle of picture 25 lies at 1.0636 s, that of picture 26 at 1.1053 s.
  EXPECT_EQ(plan.runs[0].steps[0].frames, 26);
  EXPECT_EQ(plan.runs[1].steps[0].frames, 0);
  EXPECT_EQ(plan.runs[2].steps[0].frames, 24);
  for (const PlannedRun& run : plan.runs) {
    EXPECT_EQ(run.picture_start, run.timeline_start);
    EXPECT_EQ(run.in_point, run.range.start);
    EXPECT_EQ(run.out_point, run.range.end);
  }
  EXPECT_EQ(plan.runs[0].first_pts, 7 * 3000);
  EXPECT_THAT(Codes(plan), testing::IsEmpty()) << "nothing is dropped on a grid";
}

TEST(MakePlan, RefusesAReencodeOfLessThanHalfAPicture) {
  Edit edit = EditOf({Of(0, 1, Seconds(1016, 1000))});
  edit.codec = OutputCodec::kH264;
  EXPECT_EQ(ErrorOf(edit, {Camera().Source()}).code(), ErrorCode::kOutOfRange);
}

TEST(ChooseMode, FollowsTheCodecUnlessTold) {
  Edit edit;
  EXPECT_EQ(ChooseMode(edit, {}), RenderMode::kHybrid);
  edit.codec = OutputCodec::kH264;
  EXPECT_EQ(ChooseMode(edit, {}), RenderMode::kReencode);
  edit.codec = OutputCodec::kH265;
  EXPECT_EQ(ChooseMode(edit, {}), RenderMode::kReencode);
  PlanOptions options;
  options.mode = RenderMode::kCopy;
  edit.codec = OutputCodec::kCopy;
  EXPECT_EQ(ChooseMode(edit, options), RenderMode::kCopy);
}

TEST(ChooseMode, AlwaysEncodesWebmAndNeverWithH264) {
  Edit edit;
  edit.format = OutputFormat::kWebm;
  EXPECT_EQ(ChooseMode(edit, {}), RenderMode::kReencode);
  PlanOptions options;
  options.mode = RenderMode::kReencode;
  EXPECT_EQ(ChooseMode(edit, options), RenderMode::kReencode);
  options.mode = RenderMode::kHybrid;
  EXPECT_THROW(ChooseMode(edit, options), Error);
  for (const OutputCodec codec : {OutputCodec::kH264, OutputCodec::kH265}) {
    edit.codec = codec;
    try {
      ChooseMode(edit, {});
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
      EXPECT_EQ(error.context().json_path, "output.codec");
      EXPECT_NE(error.hint(), "");
    }
  }
}

TEST(MakePlan, WritesVp9AndOpusIntoWebm) {
  Edit edit = EditOf({Of(0, 0, 2)});
  edit.format = OutputFormat::kWebm;
  const Plan plan = MakePlan(edit, {Camera().Source()}, {});
  EXPECT_EQ(plan.video.encoder, "libvpx-vp9");
  EXPECT_EQ(plan.video.shape.codec, "vp9");
  ASSERT_TRUE(plan.audio);
  EXPECT_EQ(plan.audio->codec, "opus");
}

TEST(PlanMargin, ReachesTwoFramesOfTheSlowestSource) {
  StreamPattern slow;
  slow.frame_ticks = 9000;
  EXPECT_EQ(PlanMargin({Camera().Source(), SyntheticStream(slow).Source()}),
            Seconds(2, 10) + Seconds(1, 100));
}

// The plan's size estimate is held against the disk's free space.
TEST(MakePlan, EstimatesTheSizeOfACopyFromItsPackets) {
  const SyntheticStream stream = Camera();
  std::int64_t bytes = 0;
  for (const IndexedPacket& packet : stream.packets()) bytes += packet.size_bytes;
  const Plan plan = PlanOf({Of(0, 0, 10)}, {stream.Source()});
  EXPECT_GE(plan.estimated_bytes, bytes + 10 * 192'000 / 8);
  EXPECT_LE(plan.estimated_bytes, bytes + 10 * 192'000 / 8 + 100'000);
}

}  // namespace
}  // namespace opencut
