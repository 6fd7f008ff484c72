#include "timeline/sound_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PlanSource Camera(const std::string& name) { return SyntheticStream(StreamPattern()).Source(name); }

Plan PlanOf(std::vector<Segment> segments, const std::vector<PlanSource>& sources,
            const PlanOptions& options = {}, OutputFormat format = OutputFormat::kMp4) {
  Edit edit;
  edit.segments = std::move(segments);
  edit.format = format;
  return MakePlan(edit, sources, options);
}

std::vector<std::string> Codes(const Plan& plan) {
  std::vector<std::string> codes;
  for (const Warning& warning : plan.warnings) codes.push_back(warning.code);
  return codes;
}

PlanOptions Copying() {
  PlanOptions options;
  options.mode = RenderMode::kCopy;
  return options;
}

TEST(PlanSound, TakesRateAndLayoutOfTheFirstHeardSource) {
  std::vector<PlanSource> sources = {Camera("a"), Camera("b"), Camera("c")};
  sources[1].audio->sample_rate = 44'100;
  sources[1].audio->channels = 1;
  sources[1].audio->channel_layout = "mono";
  const Plan plan = PlanOf({{0, 0, 1, false}, {1, 1, 2}, {2, 2, 3}}, sources);
  ASSERT_TRUE(plan.audio);
  EXPECT_EQ(plan.audio->template_source, 1);
  EXPECT_EQ(plan.audio->sample_rate, 44'100);
  EXPECT_EQ(plan.audio->channels, 1);
  EXPECT_EQ(plan.audio->channel_layout, "mono");
  EXPECT_EQ(plan.audio->codec, "aac");
  EXPECT_EQ(plan.audio->mode, AudioMode::kExact);
  EXPECT_THAT(Codes(plan), ElementsAre("AUDIO_CONVERTED")) << "the third source's";
  EXPECT_EQ(plan.warnings[0].segment, 2);
}

TEST(PlanSound, MakesNoStreamWhereNothingIsHeard) {
  std::vector<PlanSource> sources = {Camera("a"), Camera("silent")};
  sources[1].audio.reset();
  EXPECT_FALSE(PlanOf({{0, 0, 1, false}}, sources).audio);
  const Plan silent = PlanOf({{0, 0, 1, false}, {1, 0, 1}, {1, 2, 3}}, sources);
  EXPECT_FALSE(silent.audio);
  ASSERT_THAT(Codes(silent), ElementsAre("AUDIO_MISSING")) << "once for a source";
  EXPECT_EQ(silent.warnings[0].segment, 1);

  Edit mute;
  mute.segments = {{0, 0, 1}, {1, 0, 1}};
  mute.include_audio = false;
  const Plan plan = MakePlan(mute, sources, {});
  EXPECT_FALSE(plan.audio);
  EXPECT_THAT(Codes(plan), IsEmpty());
}

TEST(PlanSound, CopiesPacketsInModeCopyWhereEverySegmentHasTheSameAac) {
  const std::vector<PlanSource> sources = {Camera("a"), Camera("b")};
  const Plan plan = PlanOf({{0, 0, 3}, {1, 3, 5}}, sources, Copying());
  ASSERT_TRUE(plan.audio);
  EXPECT_EQ(plan.audio->mode, AudioMode::kCopy);
  EXPECT_THAT(Codes(plan), IsEmpty());
}

TEST(PlanSound, EncodesInModeCopyWhereAnythingForbidsPackets) {
  const auto mode_with = [](auto change, bool heard = true) {
    std::vector<PlanSource> sources = {Camera("a"), Camera("b")};
    change(sources[1]);
    const Plan plan = PlanOf({{0, 0, 3}, {1, 3, 5, heard}}, sources, Copying());
    EXPECT_THAT(Codes(plan), testing::Contains("AUDIO_CONVERTED"));
    return plan.audio->mode;
  };
  const auto as_it_is = [](PlanSource&) {};
  EXPECT_EQ(mode_with(as_it_is, false), AudioMode::kExact);
  EXPECT_EQ(mode_with([](PlanSource& s) { s.audio->codec = "mp3"; }), AudioMode::kExact);
  EXPECT_EQ(mode_with([](PlanSource& s) { s.audio->extradata = {0x12, 0x10}; }), AudioMode::kExact);
  EXPECT_EQ(mode_with([](PlanSource& s) { s.audio->sample_rate = 44'100; }), AudioMode::kExact);
  EXPECT_EQ(mode_with([](PlanSource& s) { s.audio.reset(); }), AudioMode::kExact);
}

TEST(PlanSound, DoesAsItIsTold) {
  const std::vector<PlanSource> sources = {Camera("a")};
  PlanOptions options;
  options.audio = AudioMode::kCopy;
  EXPECT_EQ(PlanOf({{0, 0, 3}}, sources, options).audio->mode, AudioMode::kCopy);
  options = Copying();
  options.audio = AudioMode::kExact;
  EXPECT_EQ(PlanOf({{0, 0, 3}}, sources, options).audio->mode, AudioMode::kExact);
}

TEST(PlanSound, EncodesOpusAtItsOwnRateForWebm) {
  std::vector<PlanSource> sources = {Camera("a")};
  sources[0].audio->sample_rate = 44'100;
  PlanOptions options;
  options.audio = AudioMode::kCopy;
  const Plan plan = PlanOf({{0, 0, 3}}, sources, options, OutputFormat::kWebm);
  ASSERT_TRUE(plan.audio);
  EXPECT_EQ(plan.audio->mode, AudioMode::kExact);
  EXPECT_EQ(plan.audio->codec, "opus");
  EXPECT_EQ(plan.audio->sample_rate, 48'000);
}

}  // namespace
}  // namespace opencut
