#include "pipelines/frame_reader.h"

#include <utility>

namespace opencut {

FrameReader::FrameReader(SourceFile& source, const VideoStep& step, int threads,
                         CancellationToken token)
    : source_(source),
      step_(step),
      token_(std::move(token)),
      decoder_(source.picture()->parameters, source.picture()->time_base, {.threads = threads}),
      next_ordinal_(step.first_ordinal) {}

// Gives the decoder one more packet, or the end of input. False: that has been given.
bool FrameReader::FeedDecoder() {
  if (drained_) return false;
  if (packets_.empty()) {
    for (Packet& packet : source_.ReadPictures(next_ordinal_, step_.end_ordinal)) {
      ++next_ordinal_;
      packets_.push_back(std::move(packet));
    }
  }
  if (packets_.empty()) {
    decoder_.Drain();
    drained_ = true;
    return true;
  }
  if (decoder_.Send(packets_.front())) packets_.pop_front();
  return true;
}

std::optional<Frame> FrameReader::Next() {
  while (true) {
    token_.ThrowIfCancelled();
    if (std::optional<Frame> frame = decoder_.Receive()) {
      ++frames_decoded_;
      const std::optional<std::int64_t> pts = frame->pts();
      if (pts && *pts >= step_.first_pts && *pts < step_.end_pts) return frame;
      continue;
    }
    if (!FeedDecoder()) return std::nullopt;
  }
}

}  // namespace opencut
