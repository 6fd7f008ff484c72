// A stretch of a source's sound as contiguous samples at the output's rate and layout.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "media/decoder.h"
#include "media/resampler.h"
#include "media/source_file.h"
#include "timeline/rational.h"

namespace opencut {

struct SoundFormat {
  int sample_rate = 0;         // Hz.
  std::string channel_layout;  // libav's name.
  int channels = 0;
};

// One channel's samples each; all of one length.
using Samples = std::vector<std::vector<float>>;

// Sound lies where its time stamps put it: gaps are silent, overlaps are trimmed, and so is what
// lies before the first and behind the last packet. Not thread-safe. `source` must outlive it.
class SoundReader {
 public:
  // The first sample given is the source's at `start`, to the nearest sample of the source.
  SoundReader(SourceFile& source, const Seconds& start, const SoundFormat& format,
              CancellationToken token);

  // The next `count` samples; silence behind the end of the source. Throws Error, Cancelled.
  Samples Read(std::int64_t count);

 private:
  // What of the decoded sound is already contiguous, at its own rate.
  void DecodeMore();
  std::optional<Frame> NextFrame();
  void Place(const Frame& frame);
  void PlaceSilence(std::int64_t count);
  void PlaceSamples(const Frame& planar, std::int64_t skip);
  void Append(const Frame& frame);
  void AdoptFormat(const Frame& frame);

  SourceFile& source_;
  const Seconds start_;
  const SoundFormat format_;
  const CancellationToken token_;
  Decoder decoder_;
  SoundCursor cursor_;
  std::deque<Packet> packets_;
  bool drained_ = false;
  bool ended_ = false;

  // Of the decoded sound, known from its first frame on.
  int source_rate_ = 0;
  std::string source_format_;
  std::string source_layout_;
  std::optional<Resampler> to_planar_;  // Same rate and layout, planar float.
  std::optional<Resampler> to_output_;  // To the output's rate and layout; none: they are equal.
  std::int64_t next_sample_ = 0;        // Of the source, counted from its time 0.
  bool has_begun_ = false;              // Samples have been placed.
  Samples ready_;                       // At the output's rate and layout.
};

}  // namespace opencut
