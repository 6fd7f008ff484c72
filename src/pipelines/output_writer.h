// Writes pictures and sound into one file, in the order they are played.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/cancellation.h"
#include "media/byte_io.h"
#include "media/muxer.h"
#include "pipelines/export_report.h"
#include "pipelines/picture_stream.h"
#include "pipelines/sound_stream.h"

namespace opencut {

// What was written.
struct WrittenCounts {
  std::int64_t frames_copied = 0;
  std::int64_t frames_encoded = 0;
  std::int64_t sound_packets = 0;
};

// The muxer's options and streams for a plan, with room for the moov box in front.
MuxerOptions MuxerOptionsFor(const Plan& plan);

class OutputWriter {
 public:
  // `sound` may be null. What is referred to must outlive it.
  OutputWriter(const Plan& plan, int segment_count, TimedPictures& pictures, SoundStream* sound,
               Muxer& muxer, const OutputFile& file, ProgressSink& progress,
               CancellationToken token);

  // Writes everything. Picture and sound alternate in slices of half a second, so that a player
  // finds both nearby. Throws Error, Cancelled.
  WrittenCounts Run();

 private:
  bool WritePicturesUntil(const Seconds& slice_end);
  bool WriteSoundUntil(const Seconds& slice_end);
  void ReportProgress(int run);

  const Plan& plan_;
  const int segment_count_;
  TimedPictures& pictures_;
  SoundStream* const sound_;
  Muxer& muxer_;
  const OutputFile& file_;
  ProgressSink& progress_;
  const CancellationToken token_;
  const std::chrono::steady_clock::time_point started_;
  std::optional<PicturePacket> next_picture_;
  std::optional<Packet> next_sound_;
  Seconds written_;  // How far the pictures have come.
  WrittenCounts counts_;
};

}  // namespace opencut
