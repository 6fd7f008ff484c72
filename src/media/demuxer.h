// Reads packets out of one container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "media/byte_io.h"
#include "media/codec_parameters.h"
#include "media/libav_ptr.h"
#include "media/packet.h"
#include "media/sample_descriptions.h"
#include "timeline/rational.h"

namespace opencut {

struct DemuxedStream {
  int index = 0;
  MediaType type = MediaType::kOther;
  CodecParameters parameters;
  Rational time_base = 1;
  std::optional<std::int64_t> start_pts;  // Container ticks, after edit lists.
  Rational average_frame_rate;            // 0: unknown.
  bool is_cover = false;                  // A still picture that goes with the file.
  bool has_index = false;                 // See Demuxer::HasIndex().
};

// One entry of a container's own index, in decoding order.
struct ContainerIndexEntry {
  std::int64_t dts = 0;             // Container ticks, after edit lists.
  std::int64_t position_bytes = 0;  // In the file.
  std::int64_t size_bytes = 0;
  bool keyframe = false;  // As the container says.
  bool hidden = false;    // Cut away by an edit list, but needed for decoding.
};

// Times are the container's: ticks of the stream's time base, after edit lists. Not thread-safe.
class Demuxer {
 public:
  // Throws Error(kProbe) when the file cannot be opened or is not media, Error(kBadArgs) when it
  // lies outside `roots`, Cancelled.
  Demuxer(const std::string& path, const CancellationToken& token, const AllowedRoots& roots = {});

  const std::string& path() const { return file_.path(); }
  FileIdentity identity() const { return file_.identity(); }
  std::int64_t bytes_read() const { return file_.bytes_read(); }
  const std::vector<DemuxedStream>& streams() const { return streams_; }
  // The earliest start of picture and sound: the source's time 0.
  std::int64_t start_time_us() const { return start_time_us_; }

  // Whether the container lists every packet of the stream up front (MP4 and MOV, not fragmented).
  // These three may be called while another thread uses the rest.
  bool HasIndex(int stream) const { return streams_[static_cast<std::size_t>(stream)].has_index; }
  // REQUIRES for both: HasIndex(stream).
  std::int64_t IndexSize(int stream) const;
  ContainerIndexEntry IndexEntry(int stream, std::int64_t ordinal) const;

  // Where the stream's header changes. REQUIRES: HasIndex(stream). Throws Error(kProbe), Cancelled.
  std::vector<HeaderChange> HeaderChanges(int stream);

  // The entry's packet, or its first `most_bytes`, read from its place without moving the demuxer:
  // only its own bytes are read. Its pts is its dts, which is right for sound; it carries no side
  // data. May be called while another thread uses the rest. Throws Error(kProbe), Cancelled.
  // REQUIRES: HasIndex(stream).
  Packet ReadEntry(int stream, std::int64_t ordinal, std::size_t most_bytes = SIZE_MAX);

  // Read() gives the packets of this stream only, from wherever the demuxer stands.
  void Select(int stream);
  // While on, Read() gives packets with the right times, sizes and flags but blank contents, and
  // reads nothing from the file. Seek after each change. REQUIRES: HasIndex(stream) for the stream
  // that is selected.
  void SetTimesOnly(bool on) { file_.SetBlank(on); }

  // Moves to the index entry, or before it: the caller passes over packets with lower dts.
  // REQUIRES: HasIndex(stream) and the stream is selected.
  void SeekToEntry(int stream, std::int64_t ordinal);
  // Moves to a keyframe at or before `pts` as well as the container can tell; the start of the file
  // when it cannot. REQUIRES: the stream is selected.
  void SeekAtOrBefore(int stream, std::int64_t pts);
  // REQUIRES: the stream is selected.
  void SeekToStart(int stream);

  // The next packet; nothing at the end of the file. Throws Error(kProbe) for a file that cannot be
  // read further, Cancelled.
  std::optional<Packet> Read();

 private:
  void Open();
  void DescribeStreams();
  void FindStartTime();
  bool NeedsStreamInfo() const;

  const CancellationToken token_;
  InputFile file_;
  InputFormatPtr context_;
  std::vector<DemuxedStream> streams_;
  std::int64_t start_time_us_ = 0;
  bool has_read_ = false;  // Stands elsewhere than at its start.
};

}  // namespace opencut
