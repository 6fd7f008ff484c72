// A process that is not to outlive the one that started it.
#pragma once

#include <sys/types.h>

namespace opencut {

// Has the system kill this process when the thread that started it ends: of Node and Bun that is
// the one whose event loop asked for the process, so the main thread, or a worker that is to take
// its children along. Kills it at once when `parent` is not its parent any more. On other systems
// than Linux it does nothing.
void EndWithParent(pid_t parent);

}  // namespace opencut
