// Which file was opened last, written down where it can be read after a crash.
#pragma once

#include <string>

namespace opencut {

// From now on the path of each file that is about to be read stands at the start of what `fd` has
// open: 4096 bytes, the path and zeros. -1: no longer. Thread-safe.
void RecordOpenedFiles(int fd);

// Called before a file is opened. A record that cannot be written is none.
void NoteOpening(const std::string& path) noexcept;

}  // namespace opencut
