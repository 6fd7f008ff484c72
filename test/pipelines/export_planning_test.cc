#include "pipelines/export_planning.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::H264Clip;
using testing::TempFolder;

// However many sources name a file, it is one: parameter-set ids would not do for some hundred.
TEST(PrepareExport, TakesSourcesThatNameTheSameFileForOne) {
  constexpr int kSources = 200;
  const TempFolder folder;
  const std::string link = folder.File("link.mp4");
  std::filesystem::create_symlink(H264Clip(), link);
  ExportRequest request;
  for (int i = 0; i < kSources; ++i) {
    request.sources.push_back({std::to_string(i), i % 2 == 0 ? H264Clip() : link});
  }
  // The second goes on where the first ends; the last does not.
  request.edit.segments = {{kSources - 2, 0, 1}, {kSources - 1, 1, 2}, {7, 0, 1}};
  request.output_path = folder.File("out.mp4");
  const PreparedExport prepared = PrepareExport(request, {});
  const Plan& plan = prepared.planned.plan;

  ASSERT_EQ(plan.runs.size(), 2U);
  EXPECT_EQ(plan.runs[0].range.last_segment, 1);
  EXPECT_EQ(plan.video.frames_encoded, 0);
  EXPECT_EQ(plan.video.copied_sources.size(), 1U);
  EXPECT_EQ(prepared.families.size(), 1U);
  // The report counts as the config does.
  EXPECT_EQ(prepared.planned.requested[0].source, kSources - 2);
  EXPECT_EQ(prepared.planned.requested[1].source, 7);
}

}  // namespace
}  // namespace opencut
