#include "media/byte_io.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <system_error>
#include <utility>

#include "media/opened_files.h"
#include "media/output_folder.h"

namespace opencut {

namespace {

constexpr int kReadBufferBytes = 64 * 1024;
constexpr int kWriteBufferBytes = 256 * 1024;
constexpr std::int64_t kWritebackBytes = std::int64_t{16} << 20;

std::string SystemErrorName(int errno_value) {
  static constexpr std::pair<int, const char*> kNames[] = {{EACCES, "EACCES"},
                                                           {EDQUOT, "EDQUOT"},
                                                           {EEXIST, "EEXIST"},
                                                           {EFBIG, "EFBIG"},
                                                           {EIO, "EIO"},
                                                           {EISDIR, "EISDIR"},
                                                           {ELOOP, "ELOOP"},
                                                           {EMFILE, "EMFILE"},
                                                           {ENFILE, "ENFILE"},
                                                           {ENOENT, "ENOENT"},
                                                           {ENOSPC, "ENOSPC"},
                                                           {ENOTDIR, "ENOTDIR"},
                                                           {ENXIO, "ENXIO"},
                                                           {EPERM, "EPERM"},
                                                           {EROFS, "EROFS"},
                                                           {ESTALE, "ESTALE"},
                                                           {ETXTBSY, "ETXTBSY"},
                                                           {EXDEV, "EXDEV"},
                                                           {ENAMETOOLONG, "ENAMETOOLONG"}};
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const auto& entry) { return entry.first == errno_value; });
  return found == std::end(kNames) ? "errno " + std::to_string(errno_value) : found->second;
}

// Repeats a system call that a signal interrupted.
template <typename Call>
auto Uninterrupted(Call call) {
  auto ret = call();
  while (ret == -1 && errno == EINTR) ret = call();
  return ret;
}

AvioPtr MakeAvio(int buffer_bytes, bool for_writing, void* opaque,
                 int (*read)(void*, std::uint8_t*, int), int (*write)(void*, AvioWriteByte*, int),
                 std::int64_t (*seek)(void*, std::int64_t, int)) {
  auto* buffer = static_cast<unsigned char*>(
      CheckAllocated(av_malloc(static_cast<std::size_t>(buffer_bytes))));
  AVIOContext* avio =
      avio_alloc_context(buffer, buffer_bytes, for_writing ? 1 : 0, opaque, read, write, seek);
  if (avio == nullptr) av_free(buffer);
  return AvioPtr(CheckAllocated(avio));
}

// Where a seek of libav leads, or a negative AVERROR.
std::int64_t SeekTarget(std::int64_t offset, int whence, std::int64_t position,
                        std::int64_t size_bytes) {
  std::int64_t target = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET:
      target = offset;
      break;
    case SEEK_CUR:
      target = position + offset;
      break;
    case SEEK_END:
      target = size_bytes + offset;
      break;
    default:
      return AVERROR(EINVAL);
  }
  return target < 0 ? AVERROR(EINVAL) : target;
}

int OpenInput(const std::string& path, int flags, const std::string& shown_path) {
  const int fd = Uninterrupted([&] { return open(path.c_str(), flags | O_CLOEXEC); });
  if (fd < 0) throw FileError(ErrorCode::kProbe, "open", shown_path, errno);
  return fd;
}

int OpenForReading(const std::string& path, const AllowedRoots& roots) {
  // Without O_NONBLOCK, opening a named pipe would wait for its writer.
  constexpr int kFlags = O_RDONLY | O_NOCTTY | O_NONBLOCK;
  NoteOpening(path);
#ifdef O_PATH
  if (!roots.everywhere()) {
    // Opening some files does something by itself: so only what was found to lie right is opened.
    const FileDescriptor place(OpenInput(path, O_PATH, path));
    roots.RequireOpened(place.get(), path);
    return OpenInput("/proc/self/fd/" + std::to_string(place.get()), kFlags, path);
  }
#endif
  return OpenInput(path, kFlags, path);
}

int OpenNew(const OutputFolder& folder, const std::string& name) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  while (true) {
    const int fd =
        Uninterrupted([&] { return openat(folder.descriptor(), name.c_str(), kFlags, 0666); });
    if (fd < 0) throw FileError(ErrorCode::kFs, "create", folder.PathOf(name), errno);
    struct stat status {};
    const bool locked = Uninterrupted([&] { return flock(fd, LOCK_EX); }) == 0;
    // Before it was locked, somebody may have taken it for a leftover and removed it.
    if (!locked || fstat(fd, &status) != 0 || status.st_nlink > 0) return fd;
    close(fd);
  }
}

// Returns an errno, or 0.
int RenameWithoutReplacing(int folder, const std::string& from, const std::string& to) {
  if (linkat(folder, from.c_str(), folder, to.c_str(), 0) == 0) {
    return unlinkat(folder, from.c_str(), 0) == 0 ? 0 : errno;
  }
  const bool no_hard_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
  if (!no_hard_links) return errno;
  if (faccessat(folder, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return renameat(folder, from.c_str(), folder, to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Error FileError(ErrorCode code, std::string_view operation, const std::string& path,
                int errno_value) {
  ErrorContext context;
  context.path = path;
  context.system = SystemErrorName(errno_value);
  return Error(
      code,
      std::string(operation) + " " + path + ": " + std::generic_category().message(errno_value),
      context);
}

void FileDescriptor::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

InputFile::InputFile(const std::string& path, CancellationToken token, const AllowedRoots& roots)
    : path_(path), token_(std::move(token)), file_(OpenForReading(path, roots)) {
  roots.RequireOpened(file_.get(), path);
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) throw FileError(ErrorCode::kProbe, "open", path, errno);
  if (!S_ISREG(status.st_mode)) {
    ErrorContext context;
    context.path = path;
    throw Error(ErrorCode::kProbe, path + " is not a regular file", context);
  }
  identity_ = {.device = status.st_dev, .inode = status.st_ino};
  size_bytes_ = status.st_size;
  avio_ = MakeAvio(kReadBufferBytes, false, this, &Read, nullptr, &Seek);
}

void InputFile::ThrowIfFailed() {
  token_.ThrowIfCancelled();
  const int failed = std::exchange(failed_errno_, 0);
  if (failed != 0) throw FileError(ErrorCode::kProbe, "read", path_, failed);
  if (cut_short_) {
    throw Error(ErrorCode::kProbe, path_ + " has become shorter while it was read", {.path = path_},
                "leave a source alone until its job is done");
  }
}

void InputFile::ReadAt(std::int64_t offset, std::span<std::uint8_t> buffer) {
  while (!buffer.empty()) {
    token_.ThrowIfCancelled();
    const ssize_t count =
        Uninterrupted([&] { return pread(file_.get(), buffer.data(), buffer.size(), offset); });
    if (count < 0) throw FileError(ErrorCode::kProbe, "read", path_, errno);
    if (count == 0) {
      throw Error(ErrorCode::kProbe, path_ + " ends before its header says", {.path = path_},
                  "the file is damaged or cut short");
    }
    bytes_read_.fetch_add(count, std::memory_order_relaxed);
    buffer = buffer.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
}

void InputFile::SetBlank(bool blank) {
  if (blank == blank_) return;
  blank_ = blank;
  // What is buffered was read the other way.
  avio_->buf_ptr = avio_->buffer;
  avio_->buf_end = avio_->buffer;
}

int InputFile::Read(void* opaque, std::uint8_t* buffer, int size) noexcept {
  auto* self = static_cast<InputFile*>(opaque);
  if (self->token_.IsCancelled()) return AVERROR_EXIT;
  if (self->blank_ && self->position_ < self->size_bytes_) {
    const std::int64_t count = std::min<std::int64_t>(size, self->size_bytes_ - self->position_);
    std::memset(buffer, 0, static_cast<std::size_t>(count));
    self->position_ += count;
    return static_cast<int>(count);
  }
  const ssize_t count = Uninterrupted([&] {
    return pread(self->file_.get(), buffer, static_cast<std::size_t>(size), self->position_);
  });
  if (count < 0) {
    self->failed_errno_ = errno;
    return AVERROR(self->failed_errno_);
  }
  if (count == 0) {
    self->cut_short_ = self->cut_short_ || self->position_ < self->size_bytes_;
    return AVERROR_EOF;
  }
  self->position_ += count;
  self->bytes_read_.fetch_add(count, std::memory_order_relaxed);
  return static_cast<int>(count);
}

std::int64_t InputFile::Seek(void* opaque, std::int64_t offset, int whence) noexcept {
  auto* self = static_cast<InputFile*>(opaque);
  if (whence == AVSEEK_SIZE) return self->size_bytes_;
  const std::int64_t target = SeekTarget(offset, whence, self->position_, self->size_bytes_);
  if (target >= 0) self->position_ = target;
  return target;
}

OutputFile::OutputFile(std::shared_ptr<const OutputFolder> folder, const std::string& name,
                       CancellationToken token)
    : folder_(std::move(folder)),
      name_(name),
      path_(folder_->PathOf(name)),
      token_(std::move(token)),
      file_(OpenNew(*folder_, name)) {
  try {
    avio_ = MakeAvio(kWriteBufferBytes, true, this, nullptr, &Write, &Seek);
    // Muxers flush after each packet; what is less waits for more.
    avio_->min_packet_size = kWriteBufferBytes;
  } catch (...) {
    folder_->Remove(name_);
    throw;
  }
}

OutputFile::~OutputFile() {
  if (!renamed_) folder_->Remove(name_);
}

void OutputFile::ThrowIfFailed() const {
  token_.ThrowIfCancelled();
  if (failed_errno_ != 0) throw FileError(ErrorCode::kFs, "write", path_, failed_errno_);
}

void OutputFile::Sync() {
  avio_flush(avio_.get());
  ThrowIfFailed();
  if (Uninterrupted([&] { return fsync(file_.get()); }) != 0) {
    throw FileError(ErrorCode::kFs, "write", path_, errno);
  }
}

void OutputFile::RenameTo(const std::string& name, bool replace) {
  ThrowIfFailed();
  const int folder = folder_->descriptor();
  const std::string target = folder_->PathOf(name);
  int failed = 0;
  if (!replace) {
    failed = RenameWithoutReplacing(folder, name_, name);
  } else if (renameat(folder, name_.c_str(), folder, name.c_str()) != 0) {
    failed = errno;
  }
  if (failed != 0) throw FileError(ErrorCode::kFs, "rename the result to", target, failed);
  name_ = name;
  path_ = target;
  renamed_ = true;
  file_.Close();
  // The name of a file that is whole and in its place may still be lost in a crash of the machine
  // when this fails, as some network file systems make it: nothing the caller could act on.
  fsync(folder);
}

// The disk works while there is more to come, so that the wait in Sync() is short.
void OutputFile::StartWriteback() {
  const std::int64_t whole_bytes = position_ - position_ % kWritebackBytes;
  if (whole_bytes <= writeback_bytes_) return;
#ifdef SYNC_FILE_RANGE_WRITE
  sync_file_range(file_.get(), writeback_bytes_, whole_bytes - writeback_bytes_,
                  SYNC_FILE_RANGE_WRITE);
#endif
  writeback_bytes_ = whole_bytes;
}

int OutputFile::Write(void* opaque, AvioWriteByte* buffer, int size) noexcept {
  auto* self = static_cast<OutputFile*>(opaque);
  if (self->token_.IsCancelled()) return AVERROR_EXIT;
  for (int written = 0; written < size;) {
    const ssize_t count = Uninterrupted([&] {
      return pwrite(self->file_.get(), buffer + written, static_cast<std::size_t>(size - written),
                    self->position_);
    });
    if (count < 0) {
      if (self->failed_errno_ == 0) self->failed_errno_ = errno;
      return AVERROR(self->failed_errno_);
    }
    written += static_cast<int>(count);
    self->position_ += count;
    self->bytes_written_.fetch_add(count, std::memory_order_relaxed);
  }
  self->StartWriteback();
  self->size_bytes_ = std::max(self->size_bytes_, self->position_);
  return size;
}

std::int64_t OutputFile::Seek(void* opaque, std::int64_t offset, int whence) noexcept {
  auto* self = static_cast<OutputFile*>(opaque);
  if (whence == AVSEEK_SIZE) return self->size_bytes_;
  const std::int64_t target = SeekTarget(offset, whence, self->position_, self->size_bytes_);
  if (target >= 0) self->position_ = target;
  return target;
}

}  // namespace opencut
