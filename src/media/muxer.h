// Writes packets into one file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/byte_io.h"
#include "media/codec_parameters.h"
#include "media/dictionary.h"
#include "media/libav_ptr.h"
#include "media/moov_size.h"
#include "media/packet.h"
#include "timeline/rational.h"

namespace opencut {

struct MuxerStream {
  CodecParameters parameters = {};             // With side data that is to be written.
  Rational time_base = 0;                      // Of the packets that Write() gets for this stream.
  Rational average_frame_rate = 0;             // 0: unknown.
  std::string language = {};                   // ISO 639-2: "eng"; "" is unknown.
  std::vector<std::string> dispositions = {};  // libav's names: "default", "forced".
  Options metadata = {};
};

struct MuxerOptions {
  std::string format = "mp4";  // libav's name: "mp4", "webm", "matroska".
  // mp4: bytes set aside in front of the media for the moov box, so that no second pass is needed;
  // what is not used of them stays in the file as free space. 0: the moov box comes last.
  std::int64_t moov_size_bytes = 0;
  // mp4: ticks per second of edit lists and of the file's duration. 0: libav's 1000.
  int movie_timescale = 0;
  Options metadata = {};
};

// Interleaving is the caller's: packets lie in the file in the order of the Write() calls. Times
// are written as they are; what comes before 0 is cut away by an edit list (mp4). Not thread-safe.
class Muxer {
 public:
  // Writes the header. `file` must outlive the muxer.
  // Throws Error(kPlanUnsupported) when the format is unknown or cannot hold a stream, or when a
  // video stream's time base cannot be kept exactly (mp4; Matroska has 1 ms always), Error(kFs),
  // Cancelled.
  Muxer(OutputFile& file, const MuxerOptions& options, const std::vector<MuxerStream>& streams);

  // REQUIRES: dts above that of the packet before in this stream, pts >= dts.
  // Throws Error(kFs), Cancelled, Error(kExec).
  void Write(int stream_index, Packet packet);

  // Writes what belongs at the end. No Write() afterwards. Throws as Write(), and Error(kExec),
  // before anything in the file is touched, when the moov box may not fit in its place.
  void Finish();

  // No less than what the moov box would take if Finish() were called now. Other formats: 0.
  std::int64_t EstimatedMoovBytes() const;

 private:
  struct Track {
    Rational time_base;  // Of the packets that come in.
    std::int64_t shift;  // Added to their times, in libav's time base.
  };

  void WriteHeader(const MuxerOptions& options, const std::vector<MuxerStream>& streams);
  void CountMoov(const MuxerOptions& options, const std::vector<MuxerStream>& streams);
  void CheckWritten(int ret, const char* operation);

  OutputFile& file_;
  OutputFormatPtr context_;
  std::vector<Track> tracks_;
  std::optional<MoovSize> moov_size_;  // mp4 only.
  std::int64_t moov_reserved_bytes_ = 0;
};

}  // namespace opencut
