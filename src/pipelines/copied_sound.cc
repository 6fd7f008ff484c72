#include "pipelines/copied_sound.h"

#include <utility>

namespace opencut {

CopiedSound::CopiedSound(const PreparedExport& prepared, CancellationToken token)
    : prepared_(prepared),
      token_(std::move(token)),
      parameters_(
          prepared.sources->at(prepared.planned.plan.audio->template_source).sound()->parameters) {
  if (parameters_.frame_size() > 0) packet_samples_ = parameters_.frame_size();
  parameters_.DropCodingSideData();
  parameters_.SetCodecTag("");
  EnterRun(0);
}

std::int64_t CopiedSound::GridIndex(const Seconds& time) const {
  return ToTicks(time, Rational(packet_samples_, prepared_.planned.plan.audio->sample_rate),
                 Rounding::kNearest);
}

bool CopiedSound::EnterRun(std::size_t index) {
  run_ = index;
  const auto& runs = prepared_.planned.plan.runs;
  if (run_ >= runs.size()) return false;
  const PlannedRun& run = runs[run_];
  const Rational packet(packet_samples_, prepared_.planned.plan.audio->sample_rate);
  next_index_ = GridIndex(run.timeline_start);
  end_index_ = GridIndex(run.timeline_start + run.length());
  // The decoder needs the packet before the first to make that one whole; an edit list hides it.
  if (run_ == 0) --next_index_;
  const Seconds from = run.range.start + (FromTicks(next_index_, packet) - run.timeline_start);
  const DemuxedStream& sound = *prepared_.sources->at(run.range.source).sound();
  // Half a packet ahead, so that the nearest packet is the first at or behind it.
  first_pts_ = ToTicks(from - packet / Rational(2), sound.time_base, Rounding::kUp);
  cursor_ = SoundCursor();
  cursor_.from_pts = first_pts_ - ToTicks(packet, sound.time_base, Rounding::kUp);
  packets_.clear();
  return true;
}

std::optional<Packet> CopiedSound::NextOfRun() {
  SourceFile& source = prepared_.sources->at(prepared_.planned.plan.runs[run_].range.source);
  while (next_index_ < end_index_) {
    token_.ThrowIfCancelled();
    if (packets_.empty()) {
      for (Packet& packet : source.ReadSound(cursor_)) packets_.push_back(std::move(packet));
    }
    if (packets_.empty()) return std::nullopt;
    Packet packet = std::move(packets_.front());
    packets_.pop_front();
    const std::int64_t pts = packet.pts().value_or(0);
    if (pts < first_pts_) continue;
    // Behind a hole in the source the grid goes on where the sound does.
    const PlannedRun& run = prepared_.planned.plan.runs[run_];
    const Seconds place =
        run.timeline_start + (FromTicks(pts, source.sound()->time_base) - run.range.start);
    const std::int64_t nearest = GridIndex(place);
    if (nearest > next_index_ + 1) next_index_ = nearest;
    if (next_index_ >= end_index_) return std::nullopt;
    packet.DropSideData();
    packet.SetDiscarded(false);
    packet.SetKeyframe(true);
    packet.SetPts(next_index_ * packet_samples_);
    packet.SetDts(packet.pts());
    packet.SetDuration(packet_samples_);
    ++next_index_;
    ++packets_copied_;
    return packet;
  }
  return std::nullopt;
}

std::optional<Packet> CopiedSound::Next() {
  while (run_ < prepared_.planned.plan.runs.size()) {
    if (std::optional<Packet> packet = NextOfRun()) return packet;
    EnterRun(run_ + 1);
  }
  return std::nullopt;
}

}  // namespace opencut
