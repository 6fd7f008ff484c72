#include "media/output_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;
using testing::ErrorOf;
using ::testing::IsSupersetOf;
using testing::TempFolder;

TEST(OutputFolder, IsAFolderThatExists) {
  const TempFolder folder;
  std::ofstream(folder.File("file")) << "x";
  const Error missing = ErrorOf([&] { OutputFolder(folder.File("missing")); });
  EXPECT_EQ(missing.code(), ErrorCode::kFs);
  EXPECT_EQ(missing.context().system, "ENOENT");
  EXPECT_EQ(ErrorOf([&] { OutputFolder(folder.File("file")); }).context().system, "ENOTDIR");
}

TEST(OutputFolder, LiesInTheAllowedRootsWhateverNameLedThere) {
  const TempFolder folder;
  fs::create_directories(folder.File("in"));
  fs::create_directories(folder.File("out"));
  fs::create_directory_symlink(folder.File("out"), folder.File("in/link"));
  const AllowedRoots roots({folder.File("in")});
  const OutputFolder allowed(folder.File("in"), roots);
  EXPECT_EQ(ErrorOf([&] { OutputFolder(folder.File("in/link"), roots); }).code(),
            ErrorCode::kBadArgs);
}

TEST(OutputFolder, NamesWhatIsInItAnyNumberOfTimes) {
  const TempFolder temporary;
  const OutputFolder folder(temporary.File("."));
  for (const char* name : {"a", "b"}) std::ofstream(temporary.File(name)) << "x";
  for (int i = 0; i < 2; ++i) EXPECT_THAT(folder.Names(), IsSupersetOf({"a", "b"}));
  folder.Remove("a");
  folder.Remove("never there");
  EXPECT_FALSE(fs::exists(temporary.File("a")));
}

TEST(OutputFolder, IsTheOneThatWasOpenedWhateverHasItsNameNow) {
  const TempFolder temporary;
  fs::create_directories(temporary.File("place"));
  fs::create_directories(temporary.File("other"));
  std::ofstream(temporary.File("other/a.part")) << "untouched";
  auto folder = std::make_shared<OutputFolder>(temporary.File("place"));
  OutputFile file(folder, "a.part", {});
  fs::rename(temporary.File("place"), temporary.File("moved"));
  fs::create_directory_symlink(temporary.File("other"), temporary.File("place"));
  {
    const OutputFile removed(folder, "b.part", {});
    EXPECT_TRUE(fs::exists(temporary.File("moved/b.part")));
  }
  file.Sync();
  file.RenameTo("a");
  EXPECT_TRUE(fs::exists(temporary.File("moved/a")));
  EXPECT_FALSE(fs::exists(temporary.File("other/a")));
  EXPECT_TRUE(fs::exists(temporary.File("other/a.part")));
  EXPECT_FALSE(fs::exists(temporary.File("moved/b.part")));
}

TEST(OutputFolder, ThatIsGoneTakesNothing) {
  const TempFolder temporary;
  fs::create_directories(temporary.File("place"));
  auto folder = std::make_shared<OutputFolder>(temporary.File("place"));
  OutputFile file(folder, "a.part", {});
  file.Sync();
  fs::remove_all(temporary.File("place"));
  fs::create_directories(temporary.File("place"));
  EXPECT_EQ(ErrorOf([&] { file.RenameTo("a"); }).context().system, "ENOENT");
  EXPECT_EQ(ErrorOf([&] { file.RenameTo("a", false); }).context().system, "ENOENT");
  EXPECT_TRUE(fs::is_empty(temporary.File("place")));
}

TEST(OutputFolder, ThatMayNotBeListedMayBeWrittenTo) {
  if (geteuid() == 0) GTEST_SKIP() << "root may list everything";
  const TempFolder temporary;
  fs::create_directories(temporary.File("place"));
  chmod(temporary.File("place").c_str(), 0300);
  auto folder = std::make_shared<OutputFolder>(temporary.File("place"));
  OutputFile file(folder, "a.part", {});
  file.Sync();
  file.RenameTo("a");
  EXPECT_TRUE(folder->Names().empty());
  chmod(temporary.File("place").c_str(), 0700);
  EXPECT_TRUE(fs::exists(temporary.File("place/a")));
}

}  // namespace
}  // namespace opencut
