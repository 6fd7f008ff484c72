#include "pipelines/smart_sound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace opencut {
namespace {

constexpr std::size_t kQueueBytes = std::size_t{1} << 20;
constexpr std::int64_t kFrame = kAacFrameSamples;
// How far ahead of a joint a frame is looked for whose window can be told.
constexpr std::int64_t kLookahead = 3;

SoundFormat FormatOf(const PlannedAudio& audio) {
  return {audio.sample_rate, audio.channel_layout, audio.channels};
}

}  // namespace

SmartSound::SmartSound(const PreparedExport& prepared, Runner& runner)
    : prepared_(prepared),
      token_(runner.token()),
      format_(FormatOf(*prepared.planned.plan.audio)),
      parameters_(
          prepared.sources->at(prepared.planned.plan.audio->template_source).sound()->parameters),
      coder_(format_.sample_rate),
      packets_(kQueueBytes, token_) {
  parameters_.DropCodingSideData();
  parameters_.SetCodecTag("");
  runner.Start([this] {
    LayOut();
    Produce();
  });
}

// Adds the span, in parts where its source's time stamps jump: from there on its frames lie on
// another grid.
void SmartSound::AddSpan(SoundSpan span) {
  const SourceFile& source = prepared_.sources->at(span.source);
  const Rational sample(1, format_.sample_rate);
  const Rational& ticks = source.sound()->time_base;
  const auto in_ticks = [&](std::int64_t samples) {
    return ToTicks(FromTicks(samples, sample), ticks, Rounding::kNearest);
  };
  const std::int64_t from = ToTicks(span.source_start, ticks, Rounding::kDown);
  const std::int64_t until = from + in_ticks(span.end - span.start);
  for (const std::int64_t pts :
       source.SoundJumps(from, until, in_ticks(kFrame), in_ticks(SmartRun::kTolerance))) {
    SoundSpan behind = span;
    const Seconds time = FromTicks(pts, ticks);
    behind.start += ToTicks(time - span.source_start, sample, Rounding::kNearest);
    behind.source_start += FromTicks(behind.start - span.start, sample);
    if (behind.start <= span.start || behind.start >= span.end) continue;
    span.end = behind.start;
    spans_.push_back(span);
    span = behind;
  }
  spans_.push_back(span);
}

// Finds the frames that show nothing but one run, and moves each run's sound onto the grid.
void SmartSound::LayOut() {
  for (const SoundSpan& span : SoundSpans(prepared_.planned.plan, *prepared_.sources)) {
    span.source < 0 ? spans_.push_back(span) : AddSpan(span);
  }
  sample_count_ = spans_.empty() ? 0 : spans_.back().end;
  for (const SoundSpan& span : spans_) {
    if (span.source < 0) continue;
    runs_.push_back(
        std::make_unique<SmartRun>(prepared_.sources->at(span.source), span, format_.sample_rate));
  }
  grid_ = ElectGrid();
  frame_count_ = grid_.AtOrBehind(sample_count_);
  auto run = runs_.begin();
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    SoundSpan& span = spans_[i];
    if (span.source < 0) continue;
    const std::int64_t fade_in = i == 0 ? 0 : HalfFade(spans_, i - 1, format_.sample_rate);
    const std::int64_t fade_out = HalfFade(spans_, i, format_.sample_rate);
    // The frame before the first is not heard, nor is what lies behind the end.
    const std::int64_t from = i == 0 ? -1 : grid_.AtOrBehind(span.start + fade_in);
    const std::int64_t until =
        i + 1 == spans_.size() ? frame_count_ + 1 : grid_.AtOrBefore(span.end - fade_out);
    (*run)->PlaceOn(grid_, from, until);
    span.source_start -= (*run)->shift();
    ++run;
  }
}

// That of the run which moves the others least, all their samples counted.
FrameGrid SmartSound::ElectGrid() const {
  FrameGrid best;
  double least = std::numeric_limits<double>::infinity();
  std::set<std::int64_t> tried;
  for (const std::unique_ptr<SmartRun>& candidate : runs_) {
    if (!candidate->phase()) continue;
    const FrameGrid grid = FrameGrid::Through(*candidate->phase());
    if (!tried.insert(grid.start).second) continue;
    double moved = 0;
    for (const std::unique_ptr<SmartRun>& run : runs_) {
      if (!run->phase()) continue;
      const std::int64_t by = *run->phase() - grid.SampleOf(grid.Nearest(*run->phase()));
      moved += std::abs(static_cast<double>(by)) * static_cast<double>(run->length_samples());
    }
    if (moved >= least) continue;
    least = moved;
    best = grid;
  }
  return best;
}

SmartRun* SmartSound::RunOf(std::int64_t frame) {
  for (const std::unique_ptr<SmartRun>& run : runs_) {
    if (run->pure_from() > frame) break;
    if (frame < run->pure_until()) return run.get();
  }
  return nullptr;
}

void SmartSound::Produce() {
  for (std::int64_t frame = -1; frame < frame_count_; ++frame) {
    token_.ThrowIfCancelled();
    while (!runs_.empty() && runs_.front()->pure_until() < frame) runs_.pop_front();
    if (CopiesAt(frame)) {
      Copy(frame);
    } else {
      Encode(frame);
    }
  }
  packets_.Close();
}

// Whether the packet is the source's, as are both frames it has part in and the packet before, of
// whose other half the first of them is made.
bool SmartSound::IsWhole(SmartRun& run, std::int64_t frame) {
  if (frame < run.pure_from() || frame + 1 >= run.pure_until()) return false;
  const bool first = frame == -1;
  const bool last = frame + 1 == frame_count_;
  return (first || run.At(frame - 1) != nullptr) && run.At(frame) != nullptr &&
         (last || run.At(frame + 1) != nullptr);
}

// Before a joint copying stops at the last frame whose window can be told: the next has to fit it.
bool SmartSound::CopiesAt(std::int64_t frame) {
  SmartRun* run = frame < copy_from_ ? nullptr : RunOf(frame);
  if (run == nullptr || !IsWhole(*run, frame)) return false;
  bool told = run->At(frame)->window.has_value();
  for (std::int64_t ahead = 1; ahead <= kLookahead; ++ahead) {
    if (frame + ahead == frame_count_) return true;
    if (!IsWhole(*run, frame + ahead)) return told;
    told = told || run->At(frame + ahead)->window.has_value();
  }
  return true;
}

void SmartSound::Copy(std::int64_t frame) {
  SmartRun::Held& held = *RunOf(frame)->At(frame);
  if (held.window) last_ = {held.window->EndsLong(), held.window->shape};
  Packet packet = held.packet.Clone();
  packet.DropSideData();
  packet.SetDiscarded(false);
  Push(std::move(packet), frame, true);
}

// How the packet at `frame` has to overlap the next.
AacOverlap SmartSound::OverlapBehind(std::int64_t frame, const AacOverlap& before) {
  const AacOverlap usual{true, before.shape};
  if (frame + 1 == frame_count_ || !CopiesAt(frame + 1)) return usual;
  SmartRun& run = *RunOf(frame + 1);
  const std::optional<AacWindow>& next = run.At(frame + 1)->window;
  const SmartRun::Held* replaced = run.At(frame);
  const bool fits =
      next && replaced != nullptr && replaced->window && (next->BeginsLong() || before.is_long);
  if (fits) return {next->BeginsLong(), replaced->window->shape};
  copy_from_ = frame + 2;
  return usual;
}

void SmartSound::Encode(std::int64_t frame) {
  const AacOverlap behind = OverlapBehind(frame, last_);
  Packet packet = Packet::Copy(coder_.Encode(Mixed(frame), last_, behind));
  last_ = behind;
  Push(std::move(packet), frame, false);
}

// The samples of a frame and the next; silent before the output's first and behind its last.
const Samples& SmartSound::Mixed(std::int64_t frame) {
  const std::int64_t from = grid_.SampleOf(frame);
  const bool goes_on = mix_ && mixed_until_ == from + kFrame;
  const std::int64_t begin = std::max<std::int64_t>(goes_on ? mixed_until_ : from, 0);
  if (!goes_on) mix_.emplace(spans_, *prepared_.sources, format_, token_, begin);
  mixed_until_ = from + 2 * kFrame;
  const Samples more = mix_->Read(mixed_until_ - begin);
  mixed_.resize(more.size());
  for (std::size_t channel = 0; channel < more.size(); ++channel) {
    std::vector<float>& samples = mixed_[channel];
    if (goes_on) {
      samples.erase(samples.begin(), samples.begin() + kFrame);
    } else {
      samples.assign(static_cast<std::size_t>(begin - from), 0.0F);
    }
    samples.insert(samples.end(), more[channel].begin(), more[channel].end());
    samples.resize(2 * kFrame, 0.0F);
  }
  return mixed_;
}

void SmartSound::Push(Packet packet, std::int64_t frame, bool copied) {
  const std::int64_t pts = grid_.SampleOf(frame);
  packet.SetKeyframe(true);
  packet.SetPts(pts);
  packet.SetDts(pts);
  packet.SetDuration(std::min(kFrame, sample_count_ - pts));
  const std::size_t size_bytes = packet.size_bytes();
  packets_.Push({std::move(packet), copied}, size_bytes);
}

std::optional<Packet> SmartSound::Next() {
  std::optional<Given> given = packets_.Pop();
  if (!given) return std::nullopt;
  if (given->copied) ++packets_copied_;
  return std::move(given->packet);
}

}  // namespace opencut
