#include "media/opened_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "media/byte_io.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::TempFolder;

class OpenedFilesTest : public ::testing::Test {
 protected:
  OpenedFilesTest() : file_(open(Path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    RecordOpenedFiles(file_.get());
  }
  ~OpenedFilesTest() override { RecordOpenedFiles(-1); }

  std::string Path() const { return folder_.File("record"); }
  std::string Record() const {
    std::ifstream file(Path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string Padded(const std::string& path) {
    return path + std::string(4096 - path.size(), '\0');
  }

  TempFolder folder_;
  const FileDescriptor file_;
};

TEST_F(OpenedFilesTest, TheLastIsWrittenDownWhole) {
  const std::string longer = folder_.File("with a longer name");
  std::ofstream(longer) << "x";
  std::ofstream(folder_.File("a")) << "x";
  const InputFile first(longer, {});
  EXPECT_EQ(Record(), Padded(longer));
  const InputFile second(folder_.File("a"), {});
  EXPECT_EQ(Record(), Padded(folder_.File("a")));
}

TEST_F(OpenedFilesTest, AlsoWhenItCannotBeOpened) {
  EXPECT_THROW(InputFile(folder_.File("missing"), {}), Error);
  EXPECT_EQ(Record(), Padded(folder_.File("missing")));
}

TEST_F(OpenedFilesTest, APathThatIsTooLongIsCutOff) {
  EXPECT_THROW(InputFile("/" + std::string(9000, 'x'), {}), Error);
  EXPECT_EQ(Record(), "/" + std::string(4095, 'x'));
}

TEST_F(OpenedFilesTest, NothingIsWrittenOnceItIsEnded) {
  RecordOpenedFiles(-1);
  EXPECT_THROW(InputFile(folder_.File("missing"), {}), Error);
  EXPECT_EQ(Record(), "");
}

}  // namespace
}  // namespace opencut
