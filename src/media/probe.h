// Reads what a media file says about itself.
#pragma once

#include <string>

#include "base/cancellation.h"
#include "media/allowed_roots.h"
#include "media/media_info.h"

namespace opencut {

// MP4 and MOV: the header alone is read where it says all, which costs a few per cent of what
// reading and decoding the first packets does, as is done for other files.
// Throws Cancelled, or Error(kProbe), naming the file, when it cannot be opened or is not media, or
// Error(kBadArgs) when it lies outside `roots`.
MediaInfo Probe(const std::string& path, const CancellationToken& token,
                const AllowedRoots& roots = {});

}  // namespace opencut
