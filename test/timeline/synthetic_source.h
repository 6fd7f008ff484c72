// Streams made up packet by packet, and what an indexer knows of them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "test/timeline/random.h"
#include "timeline/edit.h"
#include "timeline/gop_index.h"
#include "timeline/planner.h"

namespace opencut {

// Pictures are counted in the order of display, from 0.
struct StreamPattern {
  Rational time_base = Rational(1, 90'000);
  std::int64_t frame_ticks = 3000;
  std::int64_t first_pts = 0;
  int pictures = 300;
  int gop_length = 60;
  int b_frames = 3;
  bool pyramid = false;  // The middle one of several B-frames is decoded before the others.
  int idr_every = 1;     // Every so many sync samples one is an IDR; the others begin open GOPs.
  bool irap = false;     // A copy can begin at the others, too.
  std::map<int, std::int64_t> held;  // Picture: ticks that it is on screen beyond frame_ticks.
  std::set<int> hidden;              // Pictures that an edit list cuts away.
};

// How a reader finds up to which time it knows all pictures.
enum class Knowing {
  kExact,     // Up to the first picture that was not read.
  kDecoding,  // As a reader can tell: no later packet is shown before its dts.
};

class SyntheticStream {
 public:
  explicit SyntheticStream(const StreamPattern& pattern);

  const StreamPattern& pattern() const { return pattern_; }
  // In decoding order.
  const std::vector<IndexedPacket>& packets() const { return packets_; }
  std::int64_t packet_count() const { return static_cast<std::int64_t>(packets_.size()); }
  const IndexedPacket& packet(std::int64_t ordinal) const {
    return packets_[static_cast<std::size_t>(ordinal)];
  }
  // Shown pictures in the order of display, and where the last one's time is over.
  const std::vector<std::int64_t>& shown_pts() const { return shown_pts_; }
  std::int64_t end_pts() const { return end_pts_; }
  Seconds frame_interval() const;
  int reorder_depth() const { return reorder_depth_; }

  Seconds TimeOf(std::int64_t pts) const { return FromTicks(pts, pattern_.time_base); }
  Seconds end() const { return TimeOf(end_pts_); }

  // The packets [first_ordinal, end_ordinal), with what can truthfully be said of them.
  GopWindow Window(std::int64_t first_ordinal, std::int64_t end_ordinal, Knowing knowing) const;
  GopWindow Whole() const { return Window(0, packet_count(), Knowing::kExact); }
  // Up to where all pictures are known to one who has read everything before `end_ordinal`.
  std::int64_t KnownUntil(std::int64_t end_ordinal, Knowing knowing) const;
  // The picture on screen at `time`; before the first one, the first.
  std::int64_t OnScreen(const Seconds& time) const;

  // An H.264 source with sound; the index is the whole stream.
  PlanSource Source(const std::string& name = "camera.mp4") const;

 private:
  void Display();
  void Decode();
  void Stamp();

  StreamPattern pattern_;
  std::vector<std::int64_t> display_pts_;
  std::vector<int> decoding_;  // Pictures in decoding order.
  std::map<int, SyncKind> sync_;
  std::vector<IndexedPacket> packets_;
  std::vector<std::int64_t> shown_pts_;
  std::vector<std::int64_t> first_unread_pts_;  // Lowest shown pts of the packets from here on.
  std::int64_t end_pts_ = 0;
  int reorder_depth_ = 0;
};

// Only what PlanSource::index asks for around `runs`, or up to a few packets more.
GopIndex LazyIndex(const SyntheticStream& stream, const std::vector<RunRange>& runs,
                   const Seconds& margin, RenderMode mode, Random& random);

}  // namespace opencut
