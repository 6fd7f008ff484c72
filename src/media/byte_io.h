// Files as libav reads and writes them.
//
// libav is C, so the callbacks throw nothing: they keep what went wrong, return an error number,
// and the adapter that called libav asks ThrowIfFailed() when the call is back.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/error.h"
#include "media/allowed_roots.h"
#include "media/libav_ptr.h"

namespace opencut {

class OutputFolder;

// The same file by whatever path it was opened.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

// Error(code) for a system call that failed: "<operation> <path>: <the system's text>", with the
// name of `errno_value` ("ENOSPC") in context.system.
Error FileError(ErrorCode code, std::string_view operation, const std::string& path,
                int errno_value);

// An open file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  void Close();

 private:
  int fd_;  // -1: none.
};

// A regular file, read through one AVIOContext. One thread at a time reads; bytes_read() may be
// called from any. Its address is known to libav, so it cannot move, and it must outlive the
// format context that uses it.
class InputFile {
 public:
  // Throws Error(kProbe) when `path` cannot be opened or is not a regular file, Error(kBadArgs)
  // when it leads to one outside `roots`. Once `token` is cancelled every read fails with
  // AVERROR_EXIT.
  InputFile(const std::string& path, CancellationToken token, const AllowedRoots& roots = {});
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  FileIdentity identity() const { return identity_; }
  // As it was when the file was opened.
  std::int64_t size_bytes() const { return size_bytes_; }
  // Read from the file so far, those libav threw away included.
  std::int64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

  AVIOContext* avio() { return avio_.get(); }

  // Fills `buffer` from `offset`, past libav and its buffer. Throws Cancelled, Error(kProbe) when
  // the file ends before.
  void ReadAt(std::int64_t offset, std::span<std::uint8_t> buffer);

  // While blank, libav reads zeros and the file is not touched: for packets of which only times,
  // sizes and flags are wanted, which an MP4 has in its index. Before the next read after a change
  // libav must seek.
  void SetBlank(bool blank);

  // Throws Cancelled or Error(kProbe) if a read since the last call failed, or found the file
  // shorter than it was when it was opened. libav may take a failed read for the end of the file:
  // ask also when it reports the end.
  void ThrowIfFailed();

 private:
  static int Read(void* opaque, std::uint8_t* buffer, int size) noexcept;
  static std::int64_t Seek(void* opaque, std::int64_t offset, int whence) noexcept;

  const std::string path_;
  const CancellationToken token_;
  const FileDescriptor file_;
  FileIdentity identity_;
  std::int64_t size_bytes_ = 0;
  std::int64_t position_ = 0;
  std::atomic<std::int64_t> bytes_read_{0};
  int failed_errno_ = 0;
  bool cut_short_ = false;
  bool blank_ = false;
  AvioPtr avio_;
};

// A file that is being made. It is removed by the destructor unless RenameTo() has given it its
// name. Until then it is locked (flock), which tells it from what a killed process left. One thread
// at a time writes; bytes_written() may be called from any. Its address is known to libav, so it
// cannot move, and it must outlive the format context that uses it.
class OutputFile {
 public:
  // Creates `name` in `folder` with mode 0666 less the umask. Throws Error(kFs), also when it
  // exists. Once `token` is cancelled every write fails with AVERROR_EXIT.
  OutputFile(std::shared_ptr<const OutputFolder> folder, const std::string& name,
             CancellationToken token);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Where the file is now, as far as its folder kept its name.
  const std::string& path() const { return path_; }
  // Its name in the folder.
  const std::string& name() const { return name_; }
  // By now; not before the last bytes have left libav's buffer (Sync()).
  std::int64_t size_bytes() const { return size_bytes_; }
  // Handed to the system so far; what is written twice counts twice.
  std::int64_t bytes_written() const { return bytes_written_.load(std::memory_order_relaxed); }

  AVIOContext* avio() { return avio_.get(); }

  // Throws Cancelled, or Error(kFs) naming the first write that failed. Stays failed.
  void ThrowIfFailed() const;

  // Hands over what libav still buffers and waits until the content is on the disk.
  // Throws Cancelled or Error(kFs).
  void Sync();

  // Gives the file its name in the folder, atomically, and makes the name durable; nothing may be
  // written afterwards. Without `replace` an existing file of this name is an Error(kFs) and stays
  // as it is. REQUIRES: Sync() has been called.
  void RenameTo(const std::string& name, bool replace = true);

 private:
  static int Write(void* opaque, AvioWriteByte* buffer, int size) noexcept;
  static std::int64_t Seek(void* opaque, std::int64_t offset, int whence) noexcept;
  void StartWriteback();

  const std::shared_ptr<const OutputFolder> folder_;
  std::string name_;
  std::string path_;
  const CancellationToken token_;
  FileDescriptor file_;
  std::int64_t position_ = 0;
  std::int64_t size_bytes_ = 0;
  std::int64_t writeback_bytes_ = 0;  // Begun to be written to the disk.
  std::atomic<std::int64_t> bytes_written_{0};
  int failed_errno_ = 0;
  bool renamed_ = false;
  AvioPtr avio_;
};

}  // namespace opencut
