#include "bitstream/sps_timing.h"

#include <gtest/gtest.h>

#include "test/bitstream/clips.h"

namespace opencut {
namespace {

TEST(WithoutTiming, TakesTheTimingOutAndNothingElse) {
  const std::string path = MakeClip(
      "timing.mp4",
      "-c:v libx264 -b:v 300k -maxrate 300k -bufsize 300k -x264-params nal-hrd=vbr:pic-struct=1");
  const ParameterSets sets = Probe(path).sets();
  const ParameterSets without = WithoutTiming(sets);
  EXPECT_EQ(without.pps, sets.pps);
  const auto trace = [](const ParameterSets& written) {
    const std::string stream = TemporaryPath("timing.h264");
    WriteFile(stream, ToAnnexB(written, {}));
    return FindTraced(TraceHeaders(stream), "Sequence Parameter Set").values;
  };
  std::map<std::string, std::int64_t> before = trace(sets);
  std::map<std::string, std::int64_t> after = trace(without);
  EXPECT_EQ(before["timing_info_present_flag"], 1);
  EXPECT_EQ(after["timing_info_present_flag"], 0);
  for (const std::string name : {"timing_info_present_flag", "num_units_in_tick", "time_scale",
                                 "fixed_frame_rate_flag", "rbsp_alignment_zero_bit"}) {
    before.erase(name);
    after.erase(name);
  }
  EXPECT_EQ(after, before);
}

TEST(WithoutTiming, LeavesAnSpsWithoutTimingAlone) {
  const ParameterSets sets = Probe(MakeClip("high.mp4", "-c:v libx264 -pix_fmt yuv420p")).sets();
  const ParameterSets without = WithoutTiming(sets);
  EXPECT_NE(without, sets);
  EXPECT_EQ(WithoutTiming(without), without);
}

}  // namespace
}  // namespace opencut
