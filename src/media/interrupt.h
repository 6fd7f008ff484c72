// Cancellation as libav asks for it while it waits.
#pragma once

#include "base/cancellation.h"
#include "media/libav.h"

namespace opencut {

// What libav calls now and then in a blocking operation; the operation then returns AVERROR_EXIT,
// which Check() turns into Cancelled. `token` is referred to, not copied: it must outlive the
// context that gets the callback.
AVIOInterruptCB InterruptOf(const CancellationToken& token);

}  // namespace opencut
