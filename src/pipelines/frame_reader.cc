#include "pipelines/frame_reader.h"

#include <utility>

#include "base/error.h"
#include "bitstream/sets_in_force.h"
#include "media/video_headers.h"

namespace opencut {

FrameReader::FrameReader(SourceFile& source, const VideoStep& step, int threads,
                         CancellationToken token)
    : source_(source),
      step_(step),
      token_(std::move(token)),
      decoder_(source.picture()->parameters, source.picture()->time_base, {.threads = threads}),
      next_pts_(step.first_pts),
      next_ordinal_(step.first_ordinal),
      end_ordinal_(step.end_ordinal) {
  if (source.CountsPictures()) {
    // The packets of the last ones shown may lie behind those that have their times.
    end_ordinal_ += 2 * source.video_params()->reorder_depth;
    return;
  }
  if (const std::optional<Extradata> headers = HeadersOf(*source.video_params())) {
    header_sets_ = headers->sets;
    classifier_.emplace(headers->sets, headers->framing);
  }
}

// Outside the stretch only those pictures are decoded that others may refer to, as the parameter
// sets of the header tell.
bool FrameReader::IsNeeded(const Packet& packet) {
  if (!classifier_) return true;
  const std::int64_t pts = packet.pts().value_or(step_.first_pts);
  const bool wanted = pts >= step_.first_pts && pts < step_.end_pts;
  // Sets come with sync samples.
  if (wanted && !packet.keyframe()) return true;
  try {
    const AccessUnit unit = classifier_->Classify(packet.bytes());
    if (!SetsInForce(header_sets_).Follow(unit).of_header) classifier_.reset();
    return wanted || !classifier_ || unit.is_reference || !unit.in_band_sets.empty();
  } catch (const Error&) {
    return true;  // What is damaged the decoder may know how to conceal.
  }
}

// Gives the decoder one more packet, or the end of input. False: that has been given.
bool FrameReader::FeedDecoder() {
  if (drained_) return false;
  while (packets_.empty() && next_ordinal_ < end_ordinal_) {
    const std::int64_t before = next_ordinal_;
    for (Packet& packet : source_.ReadPictures(next_ordinal_, end_ordinal_)) {
      const int header = source_.HeaderAt(next_ordinal_++);
      if (header == 0 && !IsNeeded(packet)) continue;
      if (header != header_) packet.SetNewExtradata(source_.Header(header));
      header_ = header;
      packets_.push_back(std::move(packet));
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

// Every packet from the first on has been decoded, and gave a picture.
void FrameReader::Count(Frame& frame) const {
  const std::int64_t ordinal = step_.first_ordinal + frames_decoded_;
  if (ordinal < source_.PictureCount()) frame.SetPts(source_.ScannedPts(ordinal));
}

std::optional<Frame> FrameReader::Next() {
  while (true) {
    token_.ThrowIfCancelled();
    if (std::optional<Frame> frame = decoder_.Receive()) {
      if (source_.CountsPictures()) Count(*frame);
      ++frames_decoded_;
      const std::optional<std::int64_t> pts = frame->pts();
      if (!pts || *pts < next_pts_ || *pts >= step_.end_pts) continue;
      next_pts_ = *pts + 1;
      return frame;
    }
    if (!FeedDecoder()) return std::nullopt;
  }
}

}  // namespace opencut
