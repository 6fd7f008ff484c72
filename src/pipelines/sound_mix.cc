#include "pipelines/sound_mix.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace opencut {
namespace {

constexpr std::int64_t kFadesPerSecond = 200;  // 5 ms each.

Samples Silence(int channels, std::int64_t count) {
  return Samples(static_cast<std::size_t>(channels),
                 std::vector<float>(static_cast<std::size_t>(count), 0.0F));
}

}  // namespace

std::vector<SoundSpan> SoundSpans(const Plan& plan, const SourceSet& sources) {
  const Rational sample(1, plan.audio->sample_rate);
  std::vector<SoundSpan> spans;
  for (const PlannedRun& run : plan.runs) {
    SoundSpan span;
    span.start = ToTicks(run.timeline_start, sample, Rounding::kNearest);
    span.end = ToTicks(run.timeline_start + run.length(), sample, Rounding::kNearest);
    if (run.range.heard && sources.at(run.range.source).sound() != nullptr) {
      span.source = run.range.source;
    }
    // The sample lies up to half a sample beside the asked-for time; so must what it shows.
    span.source_start = run.range.start + (FromTicks(span.start, sample) - run.timeline_start);
    if (span.end > span.start) spans.push_back(span);
  }
  return spans;
}

std::int64_t HalfFade(const std::vector<SoundSpan>& spans, std::size_t joint, int sample_rate) {
  if (joint + 1 >= spans.size()) return 0;
  const std::int64_t usual = sample_rate / kFadesPerSecond / 2;
  const std::int64_t before = spans[joint].end - spans[joint].start;
  const std::int64_t behind = spans[joint + 1].end - spans[joint + 1].start;
  return std::min({usual, before / 2, behind / 2});
}

SoundMix::SoundMix(std::vector<SoundSpan> spans, const SourceSet& sources,
                   const SoundFormat& format, CancellationToken token, std::int64_t from)
    : spans_(std::move(spans)),
      sources_(sources),
      format_(format),
      token_(std::move(token)),
      mixed_(Silence(format.channels, 0)) {
  if (!spans_.empty()) BeginAt(from);
}

std::int64_t SoundMix::HalfFadeAt(std::size_t joint) const {
  return HalfFade(spans_, joint, format_.sample_rate);
}

// In the middle of a crossfade it has to begin with the span that ends there.
void SoundMix::BeginAt(std::int64_t from) {
  std::size_t index = 0;
  while (index + 1 < spans_.size() && from >= spans_[index + 1].start + HalfFadeAt(index)) ++index;
  position_ = std::min(from, spans_[index].end - HalfFadeAt(index));
  EnterSpan(index, spans_[index].start - position_);
  if (from > position_) Read(from - position_);
}

// Begins to read span `index`, `ahead` of its start.
void SoundMix::EnterSpan(std::size_t index, std::int64_t ahead) {
  span_ = index;
  const SoundSpan& span = spans_[index];
  reader_.reset();
  if (span.source < 0) return;
  reader_ = std::make_unique<SoundReader>(sources_.at(span.source),
                                          span.source_start - Seconds(ahead, format_.sample_rate),
                                          format_, token_);
}

Samples SoundMix::ReadSpan(std::int64_t count) {
  return reader_ ? reader_->Read(count) : Silence(format_.channels, count);
}

// The end of this span and the start of the next, mixed; enters the next.
Samples SoundMix::Crossfaded() {
  const std::int64_t half = HalfFadeAt(span_);
  const std::int64_t length = 2 * half;
  const Samples out = ReadSpan(length);
  EnterSpan(span_ + 1, half);
  Samples in = ReadSpan(length);
  for (std::size_t channel = 0; channel < in.size(); ++channel) {
    for (std::size_t i = 0; i < in[channel].size(); ++i) {
      const double angle =
          (static_cast<double>(i) + 0.5) / static_cast<double>(length) * std::numbers::pi / 2;
      in[channel][i] =
          static_cast<float>(out[channel][i] * std::cos(angle) + in[channel][i] * std::sin(angle));
    }
  }
  return in;
}

// Adds about `count` samples to `mixed_`. False: the timeline has ended.
bool SoundMix::MixMore(std::int64_t count) {
  if (span_ >= spans_.size()) return false;
  const std::int64_t until = spans_[span_].end - HalfFadeAt(span_);
  const bool last = span_ + 1 == spans_.size();
  if (position_ >= until && last) return false;
  const Samples samples =
      position_ < until ? ReadSpan(std::min(count, until - position_)) : Crossfaded();
  position_ += static_cast<std::int64_t>(samples.front().size());
  for (std::size_t channel = 0; channel < mixed_.size(); ++channel) {
    mixed_[channel].insert(mixed_[channel].end(), samples[channel].begin(), samples[channel].end());
  }
  return true;
}

Samples SoundMix::Read(std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(count);
  while (mixed_.front().size() < wanted && MixMore(count)) {
  }
  Samples samples(mixed_.size());
  for (std::size_t channel = 0; channel < mixed_.size(); ++channel) {
    std::vector<float>& mixed = mixed_[channel];
    const auto end = mixed.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, mixed.size()));
    samples[channel].assign(mixed.begin(), end);
    mixed.erase(mixed.begin(), end);
  }
  return samples;
}

}  // namespace opencut
