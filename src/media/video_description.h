// What a stream of pictures says about itself, as the plain values of media_info.h.
#pragma once

#include "media/libav.h"
#include "media/media_info.h"

namespace opencut {

// A still picture that goes with the file.
inline bool IsCover(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

// Fills `info.video`, and profile and level where the stream's own header says them.
// REQUIRES: what streams of every type have is filled in.
void DescribeVideo(const AVStream& stream, StreamInfo& info);

}  // namespace opencut
