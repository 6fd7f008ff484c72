// Opens the container of one file, and never a second file.
#pragma once

#include "base/cancellation.h"
#include "media/byte_io.h"
#include "media/libav_ptr.h"

namespace opencut {

// Recognises the container by its content, whatever the file's name, and reads its header; no
// packet is read. A fragmented MP4's streams have an nb_frames of 0: not known. Both arguments are
// referred to and must outlive what is returned. Throws Cancelled, or Error(kProbe), naming the
// file, when it is empty, damaged, cut off before its header, not media, or only a list of other
// files (HLS, DASH, concat).
InputFormatPtr OpenFormat(InputFile& file, const CancellationToken& token);

}  // namespace opencut
