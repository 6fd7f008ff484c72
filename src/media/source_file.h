// One input file of a job: its picture and sound streams, read by ordinal and by time from any
// thread. All times are source ticks: units of the stream's time base, from the source's time 0.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cancellation.h"
#include "media/demuxer.h"
#include "media/describe.h"
#include "media/field_joiner.h"
#include "media/packet.h"
#include "media/stream_clock.h"
#include "timeline/gop_index.h"
#include "timeline/stream_params.h"

namespace opencut {

// Where one reader of a sound stream stands.
struct SoundCursor {
  std::int64_t from_pts = 0;  // Reading begins at or before the packet that holds this time.
  // Set by ReadSound().
  std::int64_t id = 0;  // Which of the file's cursors it is; 0: not used yet.
  std::optional<std::int64_t> next_ordinal;
  std::optional<std::int64_t> last_dts;
  bool at_end = false;
};

// Thread-safe unless said otherwise.
class SourceFile {
 public:
  // Throws Error(kProbe), Error(kBadArgs) when it lies outside `roots`, Cancelled.
  SourceFile(const std::string& path, const CancellationToken& token,
             const AllowedRoots& roots = {});

  const std::string& path() const { return path_; }
  FileIdentity identity() const { return demuxer_->identity(); }
  std::int64_t bytes_read() const;

  // The streams an export uses: the first picture that is not a cover, the first sound. Null when
  // there is none.
  const DemuxedStream* picture() const { return picture_ ? &*picture_ : nullptr; }
  const DemuxedStream* sound() const { return sound_ ? &*sound_ : nullptr; }
  // Its HDR metadata and field order are known once the pictures are, where they have to be
  // scanned.
  const std::optional<VideoParams>& video_params() const { return video_params_; }
  const std::optional<AudioParams>& audio_params() const { return audio_params_; }

  // Whether the container lists the pictures up front, in order, each with both its fields. If not,
  // ScanPictures() does.
  bool HasPictureIndex() const;
  // REQUIRES: picture().
  std::int64_t PictureCount() const;
  // What the container's index says of a picture; REQUIRES: HasPictureIndex().
  ContainerIndexEntry PictureEntry(std::int64_t ordinal) const;

  // Which of the picture stream's headers holds at a picture: 0 is the one the stream begins with,
  // that of picture()->parameters. REQUIRES: HasPictureIndex() or scanned so far.
  int HeaderAt(std::int64_t ordinal) const;
  // The extradata. REQUIRES: HeaderAt() gave `header`.
  ByteView Header(int header) const { return headers_[static_cast<std::size_t>(header)]; }

  // Takes a picture for one that an edit list hides: no decoder outputs it. Not thread-safe.
  void Hide(std::int64_t ordinal) { hidden_.insert(ordinal); }

  // Takes an HEVC picture that decoding can begin with for one that it does begin with, whatever
  // came before: it is read as a BLA picture. Not thread-safe.
  void BeginAnew(std::int64_t ordinal) { begins_anew_.insert(ordinal); }

  // Reads the whole picture stream once and keeps what the planner needs of each packet.
  // `classify(packet, indexed)` fills in how it serves as a starting point, and may hide it. Not
  // thread-safe.
  // REQUIRES: !HasPictureIndex().
  template <typename Classify>
  const std::vector<IndexedPacket>& ScanPictures(const Classify& classify);

  // Whether the container says nothing of when its pictures, which are reordered, are shown (AVI).
  // Then the k-th packet's pts is that of the k-th picture shown. REQUIRES: scanned if need be.
  bool CountsPictures() const { return counts_pictures_; }
  // REQUIRES: scanned, 0 <= ordinal < PictureCount().
  std::int64_t ScannedPts(std::int64_t ordinal) const {
    return scan_[static_cast<std::size_t>(ordinal)].pts;
  }

  // Picture packets from `first` on, in order, none at or beyond `end`: about a megabyte, at least
  // one; none at the end of the stream. REQUIRES: HasPictureIndex() or scanned.
  std::vector<Packet> ReadPictures(std::int64_t first, std::int64_t end);
  // What the container's index says of the pictures [first, end), in order; their kind is left
  // kNone. Reads nothing but the index. REQUIRES: HasPictureIndex().
  std::vector<IndexedPacket> ReadPictureTimes(std::int64_t first, std::int64_t end);
  // One picture's packet, at most its first `most_bytes`; only they are right. REQUIRES:
  // HasPictureIndex().
  Packet ReadPictureBytes(std::int64_t ordinal, std::size_t most_bytes = SIZE_MAX);

  // Where sound with an index does not go on: the pts of packets in [from, until) that lie more
  // than `tolerance` beside a whole number of `packet` behind the last one named, or the first;
  // ticks.
  std::vector<std::int64_t> SoundJumps(std::int64_t from, std::int64_t until, std::int64_t packet,
                                       std::int64_t tolerance) const;
  // The cursor's next packets, in order: a quarter megabyte, at least one; none at the end.
  std::vector<Packet> ReadSound(SoundCursor& cursor);

 private:
  // What a demuxer was last used for.
  struct Lane {
    Demuxer* demuxer = nullptr;
    int stream = -1;
    std::int64_t next_ordinal = -1;  // Pictures, and sound with an index.
    std::int64_t cursor_id = 0;      // Sound without an index.
  };

  Lane& PictureLane() { return lane_; }
  Lane& SoundLane();
  void MoveToIndexed(Lane& lane, const DemuxedStream& stream, std::int64_t ordinal);
  void MoveToScanned(Lane& lane, std::int64_t ordinal);
  void MoveToPicture(std::int64_t ordinal);
  std::optional<Packet> ReadPacket(Lane& lane);
  std::optional<Packet> ReadNext(Lane& lane, const StreamClock& clock);
  void DescribePictures(std::int64_t start_us);
  bool HoldsFieldsApart();
  void TellFieldOrder(Packet first);
  std::int64_t FindSoundOrdinal(std::int64_t pts) const;
  std::vector<Packet> ReadIndexedSound(SoundCursor& cursor);
  std::vector<Packet> ReadUnindexedSound(SoundCursor& cursor);
  IndexedPacket Described(const Packet& packet) const;
  void ReadAsBla(Packet& packet) const;
  void AddHeader(std::int64_t from, ByteView extradata);
  void FinishScan();
  void CountPictures();
  void AdoptRate();

  const std::string path_;
  const CancellationToken token_;
  const AllowedRoots roots_;
  mutable std::mutex mutex_;  // Guards all that follows once several threads read.
  std::unique_ptr<Demuxer> demuxer_;
  // Containers without an index cannot go back and forth cheaply: sound gets a demuxer of its own.
  std::unique_ptr<Demuxer> sound_demuxer_;
  Lane lane_;
  Lane sound_lane_;
  std::optional<Packet> pending_;  // Read ahead while finding a position; next to be given.
  std::int64_t cursors_ = 0;       // Given ids so far.
  std::vector<Bytes> headers_;     // Of the picture stream, extradata.
  // Which one holds from a picture on: by its place in the file where there is an index, else by
  // its ordinal. Empty: it never changes.
  std::map<std::int64_t, int> header_from_;
  std::set<std::int64_t> hidden_;       // Ordinals, of those told by Hide().
  std::set<std::int64_t> begins_anew_;  // Ordinals.
  std::vector<IndexedPacket> scan_;
  std::unordered_map<std::int64_t, std::int64_t> ordinal_by_pts_;
  bool tells_pts_ = false;  // Of the first packet.
  bool counts_pictures_ = false;

  // Their time bases are those of source ticks.
  std::optional<DemuxedStream> picture_;
  std::optional<DemuxedStream> sound_;
  std::optional<StreamClock> picture_clock_;
  std::optional<StreamClock> sound_clock_;
  bool pictures_indexed_ = false;
  std::optional<FieldJoiner> field_joiner_;  // Of the pictures, where they are not indexed.
  std::optional<VideoParams> video_params_;
  std::optional<AudioParams> audio_params_;
};

template <typename Classify>
const std::vector<IndexedPacket>& SourceFile::ScanPictures(const Classify& classify) {
  if (!scan_.empty()) return scan_;
  demuxer_->Select(picture_->index);
  demuxer_->SeekToStart(picture_->index);
  while (std::optional<Packet> packet = ReadPacket(lane_)) {
    if (scan_.empty()) tells_pts_ = packet->pts().has_value();
    const Packet shifted = picture_clock_->InSourceTicks(std::move(*packet));
    if (scan_.empty() && video_params_->interlaced) TellFieldOrder(shifted.Clone());
    if (scan_.empty() && MayHoldHdr(*video_params_)) {
      video_params_->hdr = DescribeHdr(*picture_, *video_params_, shifted.bytes());
    }
    if (!shifted.new_extradata().empty()) {
      AddHeader(static_cast<std::int64_t>(scan_.size()), shifted.new_extradata());
    }
    IndexedPacket indexed = Described(shifted);
    classify(shifted, indexed);
    if (!indexed.shown) Hide(static_cast<std::int64_t>(scan_.size()));
    scan_.push_back(indexed);
  }
  FinishScan();
  return scan_;
}

}  // namespace opencut
