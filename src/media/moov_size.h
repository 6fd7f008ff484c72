// How large the moov box of an MP4 file becomes (ISO/IEC 14496-12, clause 8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace opencut {

// Counts what the sample tables will hold while samples are written.
class MoovSize {
 public:
  // `fixed_bytes`: tags and whatever else of the movie grows with what the caller gives.
  explicit MoovSize(std::int64_t fixed_bytes);

  // `fixed_bytes`: extradata, side data and tags of the track.
  void AddTrack(std::int64_t fixed_bytes);

  // In the order in which the samples lie in the file.
  void AddSample(std::size_t track_index, std::int64_t size_bytes, std::int64_t dts,
                 std::int64_t pts, bool keyframe);

  std::int64_t UpperBoundBytes() const;

 private:
  struct Track {
    std::int64_t fixed_bytes = 0;
    std::int64_t samples = 0;
    std::int64_t keyframes = 0;
    std::int64_t duration_runs = 0;  // Entries of stts.
    std::int64_t offset_runs = 0;    // Entries of ctts.
    std::int64_t chunks = 0;         // Entries of co64, and of stsc at most.
    std::int64_t chunk_bytes = 0;    // Of the chunk that grows.
    std::int64_t last_dts = 0;
    std::int64_t last_duration = -1;
    std::int64_t last_offset = 0;
  };

  std::int64_t fixed_bytes_;
  std::vector<Track> tracks_;
  std::size_t last_track_ = 0;
};

}  // namespace opencut
