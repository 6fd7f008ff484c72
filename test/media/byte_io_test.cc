#include "media/byte_io.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;
using testing::ErrorOf;
using testing::OutputAt;
using testing::TempFolder;

std::vector<std::uint8_t> Numbered(std::size_t size_bytes) {
  std::vector<std::uint8_t> bytes(size_bytes);
  for (std::size_t i = 0; i < size_bytes; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

void Store(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::uint8_t> Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Write(OutputFile& file, const std::vector<std::uint8_t>& bytes) {
  avio_write(file.avio(), bytes.data(), static_cast<int>(bytes.size()));
}

TEST(InputFile, GivesTheBytesOfTheFileAndCountsThem) {
  const TempFolder folder;
  const auto bytes = Numbered(300000);
  Store(folder.File("a"), bytes);
  InputFile file(folder.File("a"), {});
  EXPECT_EQ(file.size_bytes(), 300000);
  EXPECT_EQ(avio_size(file.avio()), 300000);
  std::vector<std::uint8_t> read(300000);
  EXPECT_EQ(avio_read(file.avio(), read.data(), 300000), 300000);
  EXPECT_EQ(read, bytes);
  EXPECT_EQ(file.bytes_read(), 300000);
  EXPECT_EQ(avio_read(file.avio(), read.data(), 1), AVERROR_EOF);
  file.ThrowIfFailed();
}

TEST(InputFile, ReadsNoMoreThanABufferAfterASeek) {
  const TempFolder folder;
  const auto bytes = Numbered(3000000);
  Store(folder.File("a"), bytes);
  InputFile file(folder.File("a"), {});
  avio_seek(file.avio(), 2500000, SEEK_SET);
  EXPECT_EQ(avio_r8(file.avio()), bytes[2500000]);
  EXPECT_LE(file.bytes_read(), 64 * 1024);
  avio_seek(file.avio(), avio_size(file.avio()) - 1, SEEK_SET);
  EXPECT_EQ(avio_r8(file.avio()), bytes.back());
}

TEST(InputFile, HasOneIdentityByWhateverName) {
  const TempFolder folder;
  Store(folder.File("a"), {1});
  Store(folder.File("b"), {1});
  fs::create_hard_link(folder.File("a"), folder.File("hard"));
  fs::create_symlink(folder.File("a"), folder.File("soft"));
  const FileIdentity a = InputFile(folder.File("a"), {}).identity();
  EXPECT_EQ(InputFile(folder.File("hard"), {}).identity(), a);
  EXPECT_EQ(InputFile(folder.File("soft"), {}).identity(), a);
  EXPECT_NE(InputFile(folder.File("b"), {}).identity(), a);
}

TEST(InputFile, IsARegularFileThatExists) {
  const TempFolder folder;
  const Error missing = ErrorOf([&] { InputFile(folder.File("missing"), {}); });
  EXPECT_EQ(missing.code(), ErrorCode::kProbe);
  EXPECT_EQ(missing.context().system, "ENOENT");
  EXPECT_EQ(missing.context().path, folder.File("missing"));
  EXPECT_EQ(ErrorOf([&] { InputFile(folder.File("."), {}); }).code(), ErrorCode::kProbe);
  EXPECT_EQ(ErrorOf([&] { InputFile("/dev/null", {}); }).code(), ErrorCode::kProbe);
  ASSERT_EQ(mkfifo(folder.File("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf([&] { InputFile(folder.File("pipe"), {}); }).code(), ErrorCode::kProbe);
}

TEST(InputFile, StopsReadingWhenCancelled) {
  const TempFolder folder;
  Store(folder.File("a"), Numbered(300000));
  CancellationSource source;
  InputFile file(folder.File("a"), source.token());
  EXPECT_EQ(avio_r8(file.avio()), 0);
  source.Cancel();
  std::vector<std::uint8_t> read(200000);
  avio_read(file.avio(), read.data(), 200000);
  EXPECT_EQ(file.avio()->error, AVERROR_EXIT);
  EXPECT_THROW(file.ThrowIfFailed(), Cancelled);
}

TEST(OutputFile, WritesAndSeeks) {
  const TempFolder folder;
  const auto bytes = Numbered(1000000);
  OutputFile file = OutputAt(folder.File("a.part"));
  Write(file, bytes);
  avio_seek(file.avio(), 10, SEEK_SET);
  Write(file, {1, 2, 3});
  EXPECT_EQ(avio_size(file.avio()), 1000000);
  file.Sync();
  EXPECT_EQ(file.bytes_written(), 1000003);
  auto expected = bytes;
  std::iota(expected.begin() + 10, expected.begin() + 13, std::uint8_t{1});
  EXPECT_EQ(Load(folder.File("a.part")), expected);
}

TEST(OutputFile, IsRemovedUnlessItGotItsName) {
  const TempFolder folder;
  {
    OutputFile file = OutputAt(folder.File("a.part"));
    EXPECT_TRUE(fs::exists(folder.File("a.part")));
  }
  EXPECT_FALSE(fs::exists(folder.File("a.part")));
  {
    OutputFile file = OutputAt(folder.File("a.part"));
    Write(file, {4, 5});
    file.Sync();
    file.RenameTo("a");
    EXPECT_EQ(file.path(), folder.File("a"));
  }
  EXPECT_FALSE(fs::exists(folder.File("a.part")));
  EXPECT_EQ(Load(folder.File("a")), (std::vector<std::uint8_t>{4, 5}));
}

TEST(OutputFile, TakesNoFileThatExists) {
  const TempFolder folder;
  Store(folder.File("a"), {1});
  const Error error = ErrorOf([&] { OutputAt(folder.File("a")); });
  EXPECT_EQ(error.code(), ErrorCode::kFs);
  EXPECT_EQ(error.context().system, "EEXIST");
  EXPECT_EQ(Load(folder.File("a")), std::vector<std::uint8_t>{1});
  const Error no_folder = ErrorOf([&] { OutputAt(folder.File("no/a")); });
  EXPECT_EQ(no_folder.code(), ErrorCode::kFs);
  EXPECT_EQ(no_folder.context().system, "ENOENT");
}

TEST(OutputFile, HasTheModeThatTheUmaskLeaves) {
  const TempFolder folder;
  const mode_t before = umask(027);
  OutputFile file = OutputAt(folder.File("a"));
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(folder.File("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_NE(fcntl(open(folder.File("a").c_str(), O_RDONLY | O_CLOEXEC), F_GETFD), -1);
}

TEST(OutputFile, ReplacesATargetOnlyWhenAskedTo) {
  const TempFolder folder;
  Store(folder.File("target"), {1});
  {
    OutputFile file = OutputAt(folder.File("a"));
    file.Sync();
    const Error error = ErrorOf([&] { file.RenameTo("target", false); });
    EXPECT_EQ(error.code(), ErrorCode::kFs);
    EXPECT_EQ(error.context().system, "EEXIST");
  }
  EXPECT_FALSE(fs::exists(folder.File("a")));
  EXPECT_EQ(Load(folder.File("target")), std::vector<std::uint8_t>{1});
  OutputFile second = OutputAt(folder.File("b"));
  second.Sync();
  second.RenameTo("target", true);
  EXPECT_TRUE(Load(folder.File("target")).empty());
  OutputFile third = OutputAt(folder.File("c"));
  third.Sync();
  third.RenameTo("new", false);
  EXPECT_TRUE(fs::exists(folder.File("new")));
  EXPECT_FALSE(fs::exists(folder.File("c")));
}

TEST(OutputFile, StopsWritingWhenCancelled) {
  const TempFolder folder;
  CancellationSource source;
  OutputFile file = OutputAt(folder.File("a"), source.token());
  source.Cancel();
  Write(file, Numbered(300000));
  EXPECT_EQ(file.avio()->error, AVERROR_EXIT);
  EXPECT_EQ(file.bytes_written(), 0);
  EXPECT_THROW(file.ThrowIfFailed(), Cancelled);
  EXPECT_THROW(file.Sync(), Cancelled);
}

TEST(OutputFile, NamesAFullDisk) {
  const TempFolder folder;
  const std::string disk = folder.File("disk");
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=512k") != 0) {
    GTEST_SKIP() << "may not mount a small disk";
  }
  {
    OutputFile file = OutputAt(disk + "/a");
    Write(file, Numbered(2000000));
    const Error error = ErrorOf([&] { file.ThrowIfFailed(); });
    EXPECT_EQ(error.code(), ErrorCode::kFs);
    EXPECT_EQ(error.context().system, "ENOSPC");
    EXPECT_EQ(error.context().path, disk + "/a");
    EXPECT_EQ(ErrorOf([&] { file.Sync(); }).context().system, "ENOSPC");
    EXPECT_EQ(ErrorOf([&] { file.RenameTo("b"); }).context().system, "ENOSPC");
  }
  EXPECT_TRUE(fs::is_empty(disk));
  ASSERT_EQ(umount(disk.c_str()), 0);
}

// A limit of the process makes the system write a part of a buffer first, then nothing.
TEST(OutputFile, KeepsTheErrorThatFollowsAShortWrite) {
  const TempFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 300001, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  OutputFile file = OutputAt(folder.File("a"));
  Write(file, Numbered(1000000));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(file.bytes_written(), 300001);
  EXPECT_EQ(ErrorOf([&] { file.ThrowIfFailed(); }).context().system, "EFBIG");
}

}  // namespace
}  // namespace opencut
