// AAC packets taken over as they are, laid on the output's own grid of packets.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/cancellation.h"
#include "pipelines/export_planning.h"
#include "pipelines/sound_stream.h"

namespace opencut {

// Packet m of the output lies at m packet lengths. A run gives the packets from the one whose place
// on the grid is nearest to the run's start to the one nearest to its end, and begins with the
// source packet nearest to what belongs there: at most half a packet off, and because every run is
// placed from the timeline, never more. `prepared` must outlive it.
class CopiedSound : public SoundStream {
 public:
  // REQUIRES: the plan copies its sound.
  CopiedSound(const PreparedExport& prepared, CancellationToken token);

  std::optional<Packet> Next() override;
  std::int64_t packets_copied() const override { return packets_copied_; }
  const CodecParameters& parameters() const override { return parameters_; }

 private:
  bool EnterRun(std::size_t run);
  std::int64_t GridIndex(const Seconds& time) const;
  std::optional<Packet> NextOfRun();

  const PreparedExport& prepared_;
  const CancellationToken token_;
  CodecParameters parameters_;
  std::int64_t packet_samples_ = 1024;
  std::size_t run_ = 0;
  std::int64_t next_index_ = 0;  // On the grid.
  std::int64_t end_index_ = 0;   // Of the current run.
  std::int64_t first_pts_ = 0;   // Packets of the source before this are passed over.
  SoundCursor cursor_;
  std::deque<Packet> packets_;
  std::int64_t packets_copied_ = 0;
};

}  // namespace opencut
