#include "pipelines/paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/error.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;

ExportRequest Request(const std::string& source, const std::string& output) {
  ExportRequest request;
  request.sources = {{"camera", source}};
  request.output_path = output;
  request.options.media_base_path = "/base";
  return request;
}

std::string JsonPathOfRefusal(const ExportRequest& request) {
  try {
    ResolvePaths(request);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadArgs);
    return error.context().json_path.value_or("");
  }
  return "not refused";
}

TEST(ResolvePaths, PutsRelativePathsUnderTheMediaBase) {
  const ResolvedPaths paths = ResolvePaths(Request("a/../cam.mp4", "exports/x/output.mp4"));
  EXPECT_EQ(paths.sources.front(), "/base/sources/cam.mp4");
  EXPECT_EQ(paths.output, "/base/exports/x/output.mp4");
}

TEST(ResolvePaths, TakesAbsolutePathsAsTheyAre) {
  const ResolvedPaths paths = ResolvePaths(Request("/else/cam.mp4", "/out/o.mp4"));
  EXPECT_EQ(paths.sources.front(), "/else/cam.mp4");
  EXPECT_EQ(paths.output, "/out/o.mp4");
}

TEST(ResolvePaths, RefusesWhatLeavesItsBaseIsEmptyOrNoPath) {
  EXPECT_EQ(JsonPathOfRefusal(Request("../cam.mp4", "o.mp4")), "sources[0].filePath");
  EXPECT_EQ(JsonPathOfRefusal(Request("a/../../cam.mp4", "o.mp4")), "sources[0].filePath");
  EXPECT_EQ(JsonPathOfRefusal(Request("cam.mp4", "../o.mp4")), "output.filePath");
  EXPECT_EQ(JsonPathOfRefusal(Request("", "o.mp4")), "sources[0].filePath");
  EXPECT_EQ(JsonPathOfRefusal(Request(std::string("a\0b", 3), "o.mp4")), "sources[0].filePath");
}

TEST(ResolvePaths, FollowsLinksBeforeItComparesWithTheAllowedRoots) {
  char pattern[] = "/tmp/opencut-paths-XXXXXX";
  const fs::path folder = mkdtemp(pattern);
  fs::create_directories(folder / "inside");
  fs::create_directories(folder / "outside");
  fs::create_directory_symlink(folder / "outside", folder / "inside" / "link");
  ExportRequest request =
      Request((folder / "inside/cam.mp4").string(), (folder / "inside/o.mp4").string());
  request.options.allowed_roots = {(folder / "inside").string()};
  EXPECT_EQ(JsonPathOfRefusal(request), "not refused");
  request.sources.front().path = (folder / "inside/link/cam.mp4").string();
  EXPECT_EQ(JsonPathOfRefusal(request), "sources[0].filePath");
  request.sources.front().path = (folder / "inside-not/cam.mp4").string();
  EXPECT_EQ(JsonPathOfRefusal(request), "sources[0].filePath");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace opencut
