#include "timeline/dolby_vision_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr DolbyVision kProfile8{.version_major = 1,
                                .profile = 8,
                                .level = 4,
                                .rpu_present = true,
                                .base_layer_present = true,
                                .base_layer_compatibility_id = 1};

PlanSource Camera(const std::string& name, const std::optional<DolbyVision>& dolby_vision) {
  StreamPattern pattern;
  pattern.gop_length = 30;
  PlanSource source = SyntheticStream(pattern).Source(name);
  source.video->dolby_vision = dolby_vision;
  return source;
}

// A second of each source, which begins at a keyframe, and in its middle where `cut`.
Plan PlanOf(const std::vector<PlanSource>& sources, bool cut = false,
            const PlanOptions& options = {}) {
  Edit edit;
  for (int i = 0; i < static_cast<int>(sources.size()); ++i) {
    edit.segments.push_back({i, cut ? Seconds(3, 2) : Seconds(1), Seconds(3), false});
  }
  return MakePlan(edit, sources, options);
}

std::vector<std::string> Codes(const Plan& plan) {
  std::vector<std::string> codes;
  for (const Warning& warning : plan.warnings) codes.push_back(warning.code);
  return codes;
}

TEST(PlanDolbyVision, KeepsTheConfigurationThatAllCopiedSourcesHave) {
  const Plan plan = PlanOf({Camera("a", kProfile8), Camera("b", kProfile8)});
  EXPECT_EQ(plan.video.shape.dolby_vision, kProfile8);
  EXPECT_THAT(Codes(plan), IsEmpty());
}

TEST(PlanDolbyVision, SaysNothingWhereThereIsNone) {
  const Plan plan = PlanOf({Camera("a", std::nullopt)}, true);
  EXPECT_FALSE(plan.video.shape.dolby_vision);
  EXPECT_THAT(Codes(plan), IsEmpty());
}

TEST(PlanDolbyVision, DropsItWhereAPictureIsEncoded) {
  PlanOptions whole;
  whole.mode = RenderMode::kReencode;
  for (const Plan& plan : {PlanOf({Camera("a.mp4", kProfile8)}, true),
                           PlanOf({Camera("a.mp4", kProfile8)}, false, whole)}) {
    EXPECT_FALSE(plan.video.shape.dolby_vision);
    ASSERT_THAT(Codes(plan), ElementsAre("DOLBY_VISION_DROPPED"));
    EXPECT_THAT(plan.warnings[0].message, HasSubstr("a.mp4"));
    EXPECT_THAT(plan.warnings[0].message, Not(HasSubstr("wrong colours")));
  }
}

TEST(PlanDolbyVision, DropsItWhereSourcesDiffer) {
  DolbyVision other = kProfile8;
  other.level = 5;
  for (const std::optional<DolbyVision>& second :
       {std::optional(other), std::optional<DolbyVision>()}) {
    for (const bool swapped : {false, true}) {
      std::vector<PlanSource> sources = {Camera("a", kProfile8), Camera("b", second)};
      if (swapped) std::swap(sources[0], sources[1]);
      const Plan plan = PlanOf(sources);
      EXPECT_FALSE(plan.video.shape.dolby_vision);
      EXPECT_THAT(Codes(plan), ElementsAre("DOLBY_VISION_DROPPED"));
    }
  }
}

TEST(PlanDolbyVision, SaysThatAProfileCannotBeShownWithoutIt) {
  DolbyVision profile5 = kProfile8;
  profile5.profile = 5;
  profile5.base_layer_compatibility_id = 0;
  const Plan plan = PlanOf({Camera("a", profile5)}, true);
  ASSERT_EQ(plan.warnings.size(), 1U);
  EXPECT_THAT(plan.warnings[0].message, HasSubstr("profile 5"));
  EXPECT_THAT(plan.warnings[0].message, HasSubstr("wrong colours"));
  const VideoParams source = *Camera("a", profile5).video;
  EXPECT_FALSE(LosesDolbyVision(source, plan.video.shape));
}

TEST(LosesDolbyVision, WhereTheOutputIsNot) {
  const VideoParams source = *Camera("a", kProfile8).video;
  EXPECT_TRUE(LosesDolbyVision(source, *Camera("b", std::nullopt).video));
  EXPECT_FALSE(LosesDolbyVision(source, source));
}

}  // namespace
}  // namespace opencut
