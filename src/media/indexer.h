// Fills a source's GOP index: from the container's own index and the packets around the cuts where
// it has one, else from one pass over the stream.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "media/source_file.h"
#include "timeline/gop_index.h"
#include "timeline/rational.h"

namespace opencut {

// What one run needs to know of its source.
struct RunNeeds {
  Seconds start;
  Seconds end;     // May lie beyond the source.
  Seconds margin;  // Known to either side of both.
  // The index is to hold a picture at or before `start` that a copy can begin with.
  bool copy_before_start = false;
  // The index is to hold the first picture behind `start` that a copy can begin with, and those
  // that lead it.
  bool copy_after_start = false;
  // Everything between is encoded: find places where that can be divided.
  bool division_points = false;
};

// Planning is single-threaded, and so is this. `source` must outlive it.
class Indexer {
 public:
  // Scans the whole stream when the container has no index. Throws Error(kProbe), Cancelled.
  // REQUIRES: source.picture().
  explicit Indexer(SourceFile& source);
  ~Indexer();

  // Average time between two shown pictures.
  Seconds frame_interval() const { return frame_interval_; }
  // Why the packets cannot be copied, as far as only the index shows: empty when they can.
  const std::string& not_copyable() const { return not_copyable_; }

  void Add(const RunNeeds& needs);
  // What is known by now. Call after the last Add().
  GopIndex Finish();

 private:
  class Classifier;

  // Where reading a window stops.
  struct WindowEnd {
    std::int64_t known_beyond = 0;       // Every picture up to here is to be known, and one behind.
    std::int64_t sync_from = INT64_MAX;  // A sync sample at or behind this pts is to be found,
    std::int64_t sync_until = INT64_MIN;  // unless dts passes this first.
    bool sync_begins_copy = true;         // Only one that a copy can begin with will do.
  };

  class WindowProgress;

  void Scan();
  void MeasureIndex();
  std::int64_t Ticks(const Seconds& seconds, Rounding rounding) const;
  std::int64_t LastKeyAtOrBefore(std::int64_t ordinal) const;
  std::int64_t OrdinalAtOrBefore(std::int64_t dts) const;
  SyncKind KindAt(std::int64_t ordinal);
  GopWindow ReadWindow(std::int64_t pts, bool begins_copy, const WindowEnd& end);
  GopWindow ReadFrom(std::int64_t ordinal, const WindowEnd& end);
  void AddDivisionWindows(const RunNeeds& needs);

  SourceFile& source_;
  const Rational time_base_;
  std::unique_ptr<Classifier> classifier_;
  Seconds frame_interval_;
  std::string not_copyable_;
  std::map<std::int64_t, SyncKind> kinds_;  // By ordinal, of the sync samples looked at.
  GopIndex index_;
};

}  // namespace opencut
