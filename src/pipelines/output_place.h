// The place an output is written to: beside its target, under a name of its own, until it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancellation.h"
#include "media/allowed_roots.h"
#include "media/byte_io.h"
#include "media/output_folder.h"

namespace opencut {

// Of an existing file, symbolic links followed; nothing when there is none.
std::optional<FileIdentity> IdentityOf(const std::string& path);

// A name in a folder that is held open.
struct OutputPlace {
  std::shared_ptr<const OutputFolder> folder;
  std::string name;
};

// Opens the folder of `target`. Throws Error(kFs) when it does not exist or is no folder,
// Error(kBadArgs) when it lies outside `roots`.
OutputPlace OpenPlace(const std::string& target, const AllowedRoots& roots);

// Throws Error(kFs) when the folder has less than `needed_bytes` free, or there is something by
// that name which is a folder, or may not be replaced as `overwrite` is false.
void RequireRoom(const OutputPlace& place, std::int64_t needed_bytes, bool overwrite);

// Removes what exports to `place` have left behind that nobody writes to any more.
void RemoveLeftovers(const OutputPlace& place);

// Creates ".<name>.<host>-<pid>-<n>.part" in the folder; a long name is cut short. Throws
// Error(kFs).
std::unique_ptr<OutputFile> CreatePart(const OutputPlace& place, const CancellationToken& token);

// Where the file that a job writes to lies, for whoever ends the process before the job has ended.
// Thread-safe.
class UnfinishedOutput {
 public:
  void Set(OutputPlace part);
  // Removes the file, if there is one.
  void Remove();

 private:
  std::mutex mutex_;
  OutputPlace part_;  // Guarded by mutex_.
};

}  // namespace opencut
