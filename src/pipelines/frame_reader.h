// Decodes a stretch of a source's pictures.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/cancellation.h"
#include "bitstream/access_unit.h"
#include "media/decoder.h"
#include "media/source_file.h"
#include "timeline/plan.h"

namespace opencut {

// The pictures of one step, in the order they are shown. Not thread-safe; several readers may share
// a source. `source` must outlive it.
class FrameReader {
 public:
  // Decodes the packets [step.first_ordinal, step.end_ordinal), those apart that nothing needs, and
  // gives the frames with step.first_pts <= pts < step.end_pts. Where the source's clock goes back,
  // or its decoder gives no order, frames not behind the one before are left out.
  FrameReader(SourceFile& source, const VideoStep& step, int threads, CancellationToken token);

  // The next frame, pts in source ticks; nothing after the last. Throws Error, Cancelled.
  std::optional<Frame> Next();

  // Frames that came out of the decoder, wanted or not.
  std::int64_t frames_decoded() const { return frames_decoded_; }

 private:
  bool IsNeeded(const Packet& packet);
  bool FeedDecoder();
  void Count(Frame& frame) const;

  SourceFile& source_;
  const VideoStep step_;
  const CancellationToken token_;
  Decoder decoder_;
  ParameterSets header_sets_;
  // None: what packets hold cannot be told, or is coded with other sets.
  std::optional<AccessUnitClassifier> classifier_;
  std::deque<Packet> packets_;
  std::int64_t next_pts_;  // Of the next frame at least.
  std::int64_t next_ordinal_;
  std::int64_t end_ordinal_;
  int header_ = 0;  // That the decoder was told of last.
  bool drained_ = false;
  std::int64_t frames_decoded_ = 0;
};

}  // namespace opencut
