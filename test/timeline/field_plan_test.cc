#include "timeline/field_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PlanSource Camera(const std::string& name, FieldOrder order) {
  StreamPattern pattern;
  pattern.gop_length = 30;
  PlanSource source = SyntheticStream(pattern).Source(name);
  source.video->interlaced = order != FieldOrder::kProgressive;
  source.video->field_order = order;
  return source;
}

PlanSource Uncopied(const std::string& name, FieldOrder order) {
  PlanSource source = Camera(name, order);
  source.not_copyable = "it is of another kind";
  return source;
}

// A second and a half of each source, from between two keyframes.
Plan PlanOf(const std::vector<PlanSource>& sources, RenderMode mode = RenderMode::kHybrid,
            Edit edit = {}) {
  for (int i = 0; i < static_cast<int>(sources.size()); ++i) {
    edit.segments.push_back({i, Seconds(3, 2), Seconds(3), false});
  }
  PlanOptions options;
  options.mode = mode;
  return MakePlan(edit, sources, options);
}

int Warnings(const Plan& plan) {
  const auto is_of_fields = [](const Warning& warning) { return warning.code == "DEINTERLACED"; };
  return static_cast<int>(std::count_if(plan.warnings.begin(), plan.warnings.end(), is_of_fields));
}

std::vector<bool> Kept(const Plan& plan) {
  std::vector<bool> kept;
  for (const PlannedRun& run : plan.runs) kept.push_back(run.keeps_fields);
  return kept;
}

TEST(PlanFields, AreKeptBesideCopiesAndWhereNothingIsCopied) {
  for (const PlanSource& source :
       {Camera("a", FieldOrder::kBottomFirst), Uncopied("b", FieldOrder::kBottomFirst)}) {
    const Plan plan = PlanOf({source});
    EXPECT_TRUE(plan.video.shape.interlaced);
    EXPECT_EQ(plan.video.shape.field_order, FieldOrder::kBottomFirst);
    EXPECT_THAT(Kept(plan), ElementsAre(true));
    EXPECT_EQ(Warnings(plan), 0);
  }
}

TEST(PlanFields, AreMadeFramesBesideCopiedFrames) {
  const Plan plan =
      PlanOf({Camera("a", FieldOrder::kProgressive), Uncopied("b", FieldOrder::kTopFirst)});
  EXPECT_THAT(Kept(plan), ElementsAre(false, false));
  ASSERT_EQ(Warnings(plan), 1);
  EXPECT_FALSE(plan.video.shape.interlaced);
  const auto warning = std::find_if(plan.warnings.begin(), plan.warnings.end(),
                                    [](const Warning& one) { return one.code == "DEINTERLACED"; });
  EXPECT_THAT(warning->message, HasSubstr("b"));
  EXPECT_EQ(warning->segment, 1);
}

TEST(PlanFields, AreMadeFramesWhereTheyWouldBeScaledOrTurned) {
  PlanSource small = Uncopied("b", FieldOrder::kTopFirst);
  small.video->height = 540;
  const Plan plan = PlanOf({Camera("a", FieldOrder::kTopFirst), small});
  EXPECT_THAT(Kept(plan), ElementsAre(true, false));
  EXPECT_EQ(Warnings(plan), 1);
}

TEST(PlanFields, AreMadeFramesWhereTheEncoderCodesNone) {
  PlanSource deep = Uncopied("a", FieldOrder::kTopFirst);
  deep.video->bit_depth = 10;
  EXPECT_THAT(Kept(PlanOf({deep})), ElementsAre(false));
  EXPECT_EQ(Warnings(PlanOf({deep})), 1);
  PlanSource odd = Uncopied("a", FieldOrder::kTopFirst);
  odd.video->height = 1082;
  EXPECT_THAT(Kept(PlanOf({odd})), ElementsAre(false));
}

TEST(PlanFields, OfAStreamThatOnlyMayHoldThemGiveNoWarning) {
  PlanSource source = Uncopied("a", FieldOrder::kProgressive);
  source.video->interlaced = true;
  source.video->height = 1082;
  EXPECT_EQ(Warnings(PlanOf({source})), 0);
}

TEST(PlanFields, AreKeptInAnOutputEncodedAnewOnlyWhereEachPictureIsOneOfASource) {
  const PlanSource top = Camera("a", FieldOrder::kTopFirst);
  const auto anew = [](const std::vector<PlanSource>& sources, const Edit& edit = {}) {
    return PlanOf(sources, RenderMode::kReencode, edit);
  };
  EXPECT_THAT(Kept(anew({top, top})), ElementsAre(true, true));
  EXPECT_EQ(Warnings(anew({top, top})), 0);

  Edit edit;
  edit.frame_rate = Rational(25);
  EXPECT_THAT(Kept(anew({top}, edit)), ElementsAre(false));
  edit = {};
  edit.height = 540;
  EXPECT_THAT(Kept(anew({top}, edit)), ElementsAre(false));
  for (const FieldOrder other : {FieldOrder::kBottomFirst, FieldOrder::kProgressive}) {
    const Plan plan = anew({top, Camera("b", other)});
    EXPECT_THAT(Kept(plan), ElementsAre(false, false));
    EXPECT_FALSE(plan.video.shape.interlaced);
    EXPECT_EQ(Warnings(plan), other == FieldOrder::kProgressive ? 1 : 2);
  }
  EXPECT_THAT(Kept(anew({Camera("b", FieldOrder::kProgressive)})), ElementsAre(false));
}

}  // namespace
}  // namespace opencut
