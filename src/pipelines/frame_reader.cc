#include "pipelines/frame_reader.h"

#include <utility>

#include "base/error.h"
#include "media/video_headers.h"

namespace opencut {

FrameReader::FrameReader(SourceFile& source, const VideoStep& step, int threads,
                         CancellationToken token)
    : source_(source),
      step_(step),
      token_(std::move(token)),
      decoder_(source.picture()->parameters, source.picture()->time_base, {.threads = threads}),
      next_ordinal_(step.first_ordinal) {
  if (const std::optional<Extradata> headers = HeadersOf(*source.video_params())) {
    classifier_.emplace(headers->sets, headers->framing);
  }
}

// Outside the stretch only those pictures are decoded that others may refer to.
bool FrameReader::IsNeeded(const Packet& packet) const {
  const std::int64_t pts = packet.pts().value_or(step_.first_pts);
  if (!classifier_ || (pts >= step_.first_pts && pts < step_.end_pts)) return true;
  try {
    return classifier_->Classify(packet.bytes()).is_reference;
  } catch (const Error&) {
    return true;  // What is damaged the decoder may know how to conceal.
  }
}

// Gives the decoder one more packet, or the end of input. False: that has been given.
bool FrameReader::FeedDecoder() {
  if (drained_) return false;
  while (packets_.empty() && next_ordinal_ < step_.end_ordinal) {
    const std::int64_t before = next_ordinal_;
    for (Packet& packet : source_.ReadPictures(next_ordinal_, step_.end_ordinal)) {
      ++next_ordinal_;
      if (IsNeeded(packet)) packets_.push_back(std::move(packet));
    }
    if (next_ordinal_ == before) break;  // The stream is over.
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
