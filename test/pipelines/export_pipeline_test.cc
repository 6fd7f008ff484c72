// Whole exports with all their threads, chiefly for ThreadSanitizer. Whether the files are right is
// tested in test/export, by the ffmpeg command line.
#include "pipelines/export_pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::Clip;
using testing::TempFolder;

struct Way {
  std::string name;
  RenderMode mode;
  AudioChoice audio;
};

class ExportOf : public ::testing::TestWithParam<std::tuple<std::string, Way>> {
 protected:
  // Cut in mid-GOP, there and back, so that what is decoded, copied and heard lies in many places.
  ExportRequest Request() const {
    const auto& [container, way] = GetParam();
    ExportRequest request;
    for (const char* size : {"96x64", "128x64"}) {
      const std::string path = Clip(std::string("-f lavfi -i testsrc2=rate=25:size=") + size +
                                        " -f lavfi -i anoisesrc=sample_rate=48000:seed=4 -t 4"
                                        " -c:v libx264 -g 25 -bf 2 -threads 1 -c:a aac",
                                    container);
      request.sources.push_back({size, path});
    }
    for (const auto& [source, start_ms] : {std::pair{0, 300}, {0, 2100}, {1, 900}, {0, 700}}) {
      request.edit.segments.push_back(
          {source, Seconds(start_ms, 1000), Seconds(start_ms + 1280, 1000)});
    }
    request.options.mode = way.mode;
    request.options.audio = way.audio;
    request.options.threads = 4;
    return request;
  }
};

// The export itself compares what it wrote with its plan before it gives the file its name.
TEST_P(ExportOf, HasThePicturesThatWereAskedFor) {
  const TempFolder folder;
  ExportRequest request = Request();
  request.output_path = folder.File("out.mp4");
  const ExportReport report = RunExport(request, {});
  const PlannedVideo& video = report.planned.plan.video;
  EXPECT_EQ(video.frames_copied + video.frames_encoded, 4 * 32);
  EXPECT_EQ(video.frames_copied > 0, std::get<Way>(GetParam()).mode == RenderMode::kHybrid);
  EXPECT_EQ(report.verified, VerifyLevel::kFast);
  EXPECT_GT(report.output_bytes, 0);
}

INSTANTIATE_TEST_SUITE_P(
    , ExportOf,
    ::testing::Combine(::testing::Values("mp4", "flv", "mkv", "ts"),
                       ::testing::Values(Way{"Smart", RenderMode::kHybrid, AudioChoice::kSmart},
                                         Way{"Exact", RenderMode::kHybrid, AudioChoice::kExact},
                                         Way{"Copied", RenderMode::kHybrid, AudioChoice::kCopy},
                                         Way{"Encoded", RenderMode::kReencode,
                                             AudioChoice::kExact})),
    [](const auto& parameter) {
      return std::get<std::string>(parameter.param) + std::get<Way>(parameter.param).name;
    });

}  // namespace
}  // namespace opencut
