#include "media/allowed_roots.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "media/byte_io.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

// A folder "in" with a file and links that lead out of it, and a folder "out" beside it.
class AllowedRootsTest : public ::testing::Test {
 protected:
  AllowedRootsTest() {
    fs::create_directories(in_);
    fs::create_directories(out_);
    for (const std::string& folder : {in_, out_}) std::ofstream(folder + "/file") << "content";
    fs::create_symlink(out_ + "/file", in_ + "/link");
    fs::create_directory_symlink(out_, in_ + "/folder");
  }

  // The code with which opening the file is refused.
  static std::optional<ErrorCode> RefusalOf(const std::string& path, const AllowedRoots& roots) {
    try {
      InputFile(path, {}, roots);
      return std::nullopt;
    } catch (const Error& error) {
      EXPECT_EQ(error.context().path, path);
      return error.code();
    }
  }

  TempFolder folder_;
  const std::string in_ = folder_.File("in");
  const std::string out_ = folder_.File("out");
};

TEST_F(AllowedRootsTest, NoneAllowEverything) {
  EXPECT_TRUE(AllowedRoots().Allow(out_ + "/file"));
  EXPECT_TRUE(AllowedRoots(std::vector<std::string>{}).Allow(out_ + "/file"));
  EXPECT_EQ(RefusalOf(in_ + "/link", {}), std::nullopt);
}

TEST_F(AllowedRootsTest, FollowLinksOfPaths) {
  const AllowedRoots roots({in_});
  EXPECT_TRUE(roots.Allow(in_ + "/file"));
  EXPECT_TRUE(roots.Allow(in_ + "/not/there/yet"));
  EXPECT_TRUE(roots.Allow(in_));
  for (const char* leaving : {"/link", "/folder/file", "/folder/new", "/../out/file", "-beside"}) {
    EXPECT_FALSE(roots.Allow(in_ + leaving)) << leaving;
  }
}

TEST_F(AllowedRootsTest, HoldOfWhatIsOpenedWhateverNameLedThere) {
  const AllowedRoots roots({in_});
  EXPECT_EQ(RefusalOf(in_ + "/file", roots), std::nullopt);
  EXPECT_EQ(RefusalOf(in_ + "/link", roots), ErrorCode::kBadArgs);
  EXPECT_EQ(RefusalOf(in_ + "/folder/file", roots), ErrorCode::kBadArgs);
  EXPECT_EQ(RefusalOf(out_ + "/file", AllowedRoots({in_, out_})), std::nullopt);
}

TEST_F(AllowedRootsTest, AreWhereTheyWereWhenTheyWereGiven) {
  const std::string root = folder_.File("root");
  fs::create_directory_symlink(in_, root);
  const AllowedRoots roots({root + "/"});
  EXPECT_EQ(RefusalOf(root + "/file", roots), std::nullopt);
  fs::remove(root);
  fs::create_directory_symlink(out_, root);
  EXPECT_EQ(RefusalOf(root + "/file", roots), ErrorCode::kBadArgs);
}

TEST_F(AllowedRootsTest, AFileThatWasRemovedMeanwhileLiesWhereItLay) {
  const AllowedRoots roots({in_});
  const FileDescriptor file(open((in_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  fs::remove(in_ + "/file");
  roots.RequireOpened(file.get(), "file");
}

TEST_F(AllowedRootsTest, ThatCannotBeFollowedHoldNothing) {
  fs::create_symlink(folder_.File("loop"), folder_.File("loop"));
  const AllowedRoots roots({folder_.File("loop")});
  EXPECT_FALSE(roots.Allow(folder_.File("loop/file")));
  EXPECT_FALSE(roots.Allow(in_ + "/file"));
}

}  // namespace
}  // namespace opencut
