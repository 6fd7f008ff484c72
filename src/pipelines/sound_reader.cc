#include "pipelines/sound_reader.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace opencut {
namespace {

// Long enough for the overlap of AAC and Opus and the bit reservoir of MP3.
const Seconds kPreroll(1, 5);
constexpr std::int64_t kSilenceBlock = 4096;

Seconds FrameTime(const Frame& frame, const Rational& time_base) {
  return FromTicks(frame.pts().value_or(0), time_base);
}

}  // namespace

SoundReader::SoundReader(SourceFile& source, const Seconds& start, const SoundFormat& format,
                         CancellationToken token)
    : source_(source),
      start_(start),
      format_(format),
      token_(std::move(token)),
      decoder_(source.sound()->parameters, source.sound()->time_base),
      ready_(static_cast<std::size_t>(format.channels)) {
  cursor_.from_pts = ToTicks(start - kPreroll, source.sound()->time_base, Rounding::kDown);
}

std::optional<Frame> SoundReader::NextFrame() {
  while (true) {
    token_.ThrowIfCancelled();
    if (std::optional<Frame> frame = decoder_.Receive()) return frame;
    if (drained_) return std::nullopt;
    if (packets_.empty()) {
      for (Packet& packet : source_.ReadSound(cursor_)) packets_.push_back(std::move(packet));
    }
    if (packets_.empty()) {
      decoder_.Drain();
      drained_ = true;
    } else if (decoder_.Send(packets_.front())) {
      packets_.pop_front();
    }
  }
}

// The header may not tell what decoding gives (HE-AAC doubles its rate), and it may change midway.
void SoundReader::AdoptFormat(const Frame& frame) {
  if (to_planar_ && frame.sample_rate() == source_rate_ &&
      frame.sample_format() == source_format_ && frame.channel_layout() == source_layout_) {
    return;
  }
  const int old_rate = source_rate_;
  source_rate_ = frame.sample_rate();
  source_format_ = frame.sample_format();
  source_layout_ = frame.channel_layout();
  to_planar_.emplace(source_rate_, source_format_, source_layout_, source_rate_, source_layout_);
  if (old_rate == 0) {
    next_sample_ = ToTicks(start_, Rational(1, source_rate_), Rounding::kNearest);
  } else {
    next_sample_ = ToTicks(FromTicks(next_sample_, Rational(1, old_rate)),
                           Rational(1, source_rate_), Rounding::kNearest);
    if (to_output_) {
      if (const std::optional<Frame> rest = to_output_->Flush()) Append(*rest);
    }
  }
  to_output_.reset();
  if (source_rate_ != format_.sample_rate || source_layout_ != format_.channel_layout) {
    to_output_.emplace(source_rate_, "fltp", source_layout_, format_.sample_rate,
                       format_.channel_layout);
  }
}

void SoundReader::DecodeMore() {
  const std::optional<Frame> frame = NextFrame();
  if (!frame) {
    if (to_output_) {
      if (const std::optional<Frame> rest = to_output_->Flush()) Append(*rest);
      to_output_.reset();
    }
    ended_ = true;
    return;
  }
  AdoptFormat(*frame);
  Place(*frame);
}

// Puts a decoded frame where its pts says, unless that is where the one before ended but for what
// the container's clock rounds off. Where the first one is cut has nothing to do with that.
void SoundReader::Place(const Frame& frame) {
  const Rational& time_base = source_.sound()->time_base;
  const std::int64_t at =
      ToTicks(FrameTime(frame, time_base), Rational(1, source_rate_), Rounding::kNearest);
  const Seconds jitter = std::max(time_base * Rational(2), Seconds(1, 1000));
  const std::int64_t tolerance =
      has_begun_ ? ToTicks(jitter, Rational(1, source_rate_), Rounding::kUp) : 0;
  const std::optional<Frame> planar = to_planar_->Convert(frame);
  if (!planar) return;
  std::int64_t skip = 0;
  if (at > next_sample_ + tolerance) {
    PlaceSilence(at - next_sample_);
  } else if (at < next_sample_ - tolerance) {
    skip = next_sample_ - at;
  }
  PlaceSamples(*planar, skip);
}

void SoundReader::PlaceSilence(std::int64_t count) {
  while (count > 0) {
    const std::int64_t block = std::min(count, kSilenceBlock);
    PlaceSamples(Frame::Audio(source_rate_, source_layout_, static_cast<int>(block)), 0);
    count -= block;
  }
}

void SoundReader::PlaceSamples(const Frame& planar, std::int64_t skip) {
  const std::int64_t count = planar.sample_count() - skip;
  if (count <= 0) return;
  has_begun_ = true;
  next_sample_ += count;
  if (skip == 0 && to_output_) {
    if (const std::optional<Frame> converted = to_output_->Convert(planar)) Append(*converted);
    return;
  }
  Frame rest = Frame::Audio(source_rate_, source_layout_, static_cast<int>(count));
  for (int channel = 0; channel < planar.channels(); ++channel) {
    const std::span<const float> from =
        planar.samples(channel).subspan(static_cast<std::size_t>(skip));
    std::copy(from.begin(), from.end(), rest.mutable_samples(channel).begin());
  }
  if (!to_output_) {
    Append(rest);
  } else if (const std::optional<Frame> converted = to_output_->Convert(rest)) {
    Append(*converted);
  }
}

void SoundReader::Append(const Frame& frame) {
  for (std::size_t channel = 0; channel < ready_.size(); ++channel) {
    const std::span<const float> samples = frame.samples(static_cast<int>(channel));
    ready_[channel].insert(ready_[channel].end(), samples.begin(), samples.end());
  }
}

Samples SoundReader::Read(std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(count);
  while (!ended_ && ready_.front().size() < wanted) DecodeMore();
  Samples samples(ready_.size());
  for (std::size_t channel = 0; channel < ready_.size(); ++channel) {
    std::vector<float>& ready = ready_[channel];
    const std::size_t have = std::min(wanted, ready.size());
    const auto end = ready.begin() + static_cast<std::ptrdiff_t>(have);
    samples[channel].assign(ready.begin(), end);
    samples[channel].resize(wanted, 0.0F);
    ready.erase(ready.begin(), end);
  }
  return samples;
}

}  // namespace opencut
