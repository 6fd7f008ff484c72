#include "media/moov_size.h"

namespace opencut {

namespace {

// mvhd, udta with its meta and ilst, and the boxes around them.
constexpr std::int64_t kMovieBytes = 1024;
// tkhd, edts, mdhd, hdlr, vmhd or smhd, dinf, the sample entry with its colr, pasp, mdcv, clli and
// btrt, sample groups, and the fixed parts of the sample tables.
constexpr std::int64_t kTrackBytes = 1536;
// libavformat's own bound of what it writes as one chunk.
constexpr std::int64_t kMaxChunkBytes = 1 << 20;

}  // namespace

MoovSize::MoovSize(std::int64_t fixed_bytes) : fixed_bytes_(kMovieBytes + fixed_bytes) {}

void MoovSize::AddTrack(std::int64_t fixed_bytes) {
  tracks_.push_back({.fixed_bytes = kTrackBytes + fixed_bytes});
}

void MoovSize::AddSample(std::size_t track_index, std::int64_t size_bytes, std::int64_t dts,
                         std::int64_t pts, bool keyframe) {
  Track& track = tracks_[track_index];
  const bool first = track.samples == 0;
  if (!first && dts - track.last_dts != track.last_duration) {
    track.last_duration = dts - track.last_dts;
    ++track.duration_runs;
  }
  if (first || pts - dts != track.last_offset) ++track.offset_runs;
  track.chunk_bytes += size_bytes;
  if (first || last_track_ != track_index || track.chunk_bytes >= kMaxChunkBytes) {
    track.chunk_bytes = size_bytes;
    ++track.chunks;
  }
  track.keyframes += keyframe ? 1 : 0;
  ++track.samples;
  track.last_dts = dts;
  track.last_offset = pts - dts;
  last_track_ = track_index;
}

std::int64_t MoovSize::UpperBoundBytes() const {
  std::int64_t bytes = fixed_bytes_;
  for (const Track& track : tracks_) {
    bytes += track.fixed_bytes;
    // The last sample's duration may differ from the others'.
    bytes += 8 * (track.duration_runs + 1);                             // stts
    bytes += 8 * track.offset_runs;                                     // ctts
    if (track.keyframes < track.samples) bytes += 4 * track.keyframes;  // stss
    bytes += (4 + 1) * track.samples;                                   // stsz, sdtp
    bytes += (12 + 8) * track.chunks;                                   // stsc, co64
  }
  return bytes;
}

}  // namespace opencut
