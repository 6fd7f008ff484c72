// What is known of a video stream's packets: windows around the cuts, never the whole stream unless
// its container has no index. Plain values; the indexer of src/media fills them.
//
// All times are source ticks: units of the stream's time base, counted from the source's time 0.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "timeline/rational.h"

namespace opencut {

enum class SyncKind : std::uint8_t {
  kNone,
  kIdr,   // Closed: nothing before it is shown after it, nothing after it before it.
  kIrap,  // HEVC: pictures that follow may be shown before it; nothing shown behind it needs them.
  kConvertible,  // H.264: as kIrap, once the copy's first picture is made an IDR picture.
  kOpen,         // Decoding can start here, but a copy cannot.
};

// Whether a copy can begin at such a packet, without the pictures that lead it: those that follow
// it in the stream and are shown before it.
inline bool CanBeginCopy(SyncKind kind) {
  return kind == SyncKind::kIdr || kind == SyncKind::kIrap || kind == SyncKind::kConvertible;
}

struct IndexedPacket {
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  std::int32_t size_bytes = 0;
  SyncKind kind = SyncKind::kNone;
  bool shown = true;        // False: decoded, but cut away by an edit list.
  bool other_sets = false;  // Coded with parameter sets that the stream's header does not hold.
};

// A packet at which decoding can begin. An ordinal is a packet's place in its stream, in decoding
// order, from 0.
struct SyncPoint {
  std::int64_t pts = 0;
  std::int64_t ordinal = 0;
};

// The pictures with first_pts <= pts < end_pts.
struct PictureSpan {
  std::int64_t first_pts = 0;
  std::int64_t end_pts = 0;
};

// A contiguous part of the stream, in decoding order, that begins at a sync sample or at the
// stream's start.
struct GopWindow {
  std::vector<IndexedPacket> packets;
  std::int64_t first_ordinal = 0;  // How many packets of the stream come before the first.
  std::int64_t bytes_before = 0;   // Their size.
  bool at_end = false;             // The last packet is the stream's last.
  // Every shown picture with known_from <= pts < known_until is in `packets`.
  std::int64_t known_from = 0;
  std::int64_t known_until = 0;

  std::int64_t end_ordinal() const {
    return first_ordinal + static_cast<std::int64_t>(packets.size());
  }
};

// A shown picture; `packet` indexes its window's packets.
struct ShownPicture {
  std::int64_t pts = 0;
  std::size_t packet = 0;
};

// The window's shown pictures in the order they are shown.
std::vector<ShownPicture> ShownPictures(const GopWindow& window);

class GopIndex {
 public:
  // Takes a window in; windows it overlaps or touches become one with it.
  void Add(GopWindow window);

  // In the order of the stream, apart from each other.
  const std::vector<GopWindow>& windows() const { return windows_; }

  // The window that knows what is shown at `pts`, or none. The first window also answers for what
  // lies before the stream when it holds its start, the last for what lies behind its end.
  const GopWindow* Covering(std::int64_t pts) const;

  // Sync samples, in order, at which a long encode may be divided.
  void SetDivisionPoints(std::vector<SyncPoint> points) { division_points_ = std::move(points); }
  const std::vector<SyncPoint>& division_points() const { return division_points_; }

  // Convertible pictures, in order, at which a long copy is to begin anew, so that a player can
  // seek into it. Each is known with those that lead it and all from the sync sample before it.
  void SetRenewalPoints(std::vector<SyncPoint> points) { renewal_points_ = std::move(points); }
  const std::vector<SyncPoint>& renewal_points() const { return renewal_points_; }

  // Takes in pictures that cannot be copied since they are coded with parameter sets other than
  // those of the stream's header. Where such a span begins and ends is to be known as around a cut.
  void AddOtherSets(const PictureSpan& span);
  // Apart from each other, in order.
  const std::vector<PictureSpan>& other_sets() const { return other_sets_; }

  // Pictures, in order, at which a copy must begin anew, since the stream holds pictures that lead
  // them and are not shown.
  void SetSeams(std::vector<std::int64_t> pts) { seams_ = std::move(pts); }
  const std::vector<std::int64_t>& seams() const { return seams_; }

  // Ordinals of the packets that are not shown, ascending, as the container's index tells.
  void SetHiddenOrdinals(std::vector<std::int64_t> ordinals) {
    hidden_ordinals_ = std::move(ordinals);
  }
  const std::vector<std::int64_t>& hidden_ordinals() const { return hidden_ordinals_; }

 private:
  std::vector<GopWindow> windows_;
  std::vector<SyncPoint> division_points_;
  std::vector<SyncPoint> renewal_points_;
  std::vector<PictureSpan> other_sets_;
  std::vector<std::int64_t> seams_;
  std::vector<std::int64_t> hidden_ordinals_;
};

}  // namespace opencut
