// The place an output is written to: beside its target, under a name of its own, until it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancellation.h"
#include "media/byte_io.h"

namespace opencut {

// Of an existing file, symbolic links followed; nothing when there is none.
std::optional<FileIdentity> IdentityOf(const std::string& path);

// Throws Error(kFs) when the target's folder does not exist or is no folder, has less than
// `needed_bytes` free, or the target exists and `overwrite` is false.
void RequireRoom(const std::string& target, std::int64_t needed_bytes, bool overwrite);

// Removes what exports to `target` have left behind that nobody writes to any more.
void RemoveLeftovers(const std::string& target);

// Creates ".<name>.<host>-<pid>-<n>.part" beside `target`; a long name is cut short. Throws
// Error(kFs).
std::unique_ptr<OutputFile> CreatePart(const std::string& target, const CancellationToken& token);

// Where the file that a job writes to lies, for whoever ends the process before the job has ended.
// Thread-safe.
class UnfinishedOutput {
 public:
  void Set(std::string path);
  // Removes the file, if there is one.
  void Remove();

 private:
  std::mutex mutex_;
  std::string path_;  // Guarded by mutex_.
};

}  // namespace opencut
