// Fills a source's GOP index: from the container's own index and the packets around the cuts where
// it has one, else from one pass over the stream.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "media/leading_pictures.h"
#include "media/open_gops.h"
#include "media/set_changes.h"
#include "media/source_file.h"
#include "media/sync_classifier.h"
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
  // All of it is encoded: find places where that can be divided.
  bool division_points = false;
};

// Planning is single-threaded, and so is this. `source` must outlive it.
class Indexer {
 public:
  // Scans the whole stream when the container has no index. Throws Error(kProbe), Cancelled.
  // REQUIRES: source.picture().
  explicit Indexer(SourceFile& source);

  // Average time between two shown pictures.
  Seconds frame_interval() const { return frame_interval_; }
  // Why the packets cannot be copied, as far as only the index and, after Add(), the packets around
  // cuts show: empty when they can.
  const std::string& not_copyable() const { return not_copyable_; }

  // Why an open GOP that lay in the way cannot be entered; empty when none did.
  const std::string& open_gop_refusal() const { return open_gops_.refusal(); }

  void Add(const RunNeeds& needs);
  // What is known by now. Call after the last Add().
  GopIndex Finish();
  // Of the convertible pictures in it.
  IdrConversions TakeConversions() { return open_gops_.TakeConversions(); }

 private:
  // Where reading a window stops.
  struct WindowEnd {
    std::int64_t known_beyond = 0;       // Every picture up to here is to be known, and one behind.
    std::int64_t sync_from = INT64_MAX;  // A sync sample at or behind this pts is to be found,
    std::int64_t sync_until = INT64_MIN;  // unless dts passes this first.
    bool sync_begins_copy = true;         // Only one that a copy can begin with will do.
    // Of sync samples at or behind this pts it is to be known whether a copy can begin with them.
    std::int64_t copies_from = INT64_MAX;
  };

  class WindowProgress;

  void Scan();
  void LookForLoneField(std::int64_t ordinal);
  void CountFromClosedGops(GopWindow& window);
  void MeasureIndex();
  void MeasureScan();
  std::int64_t Ticks(const Seconds& seconds, Rounding rounding) const;
  std::int64_t LastKeyAtOrBefore(std::int64_t ordinal) const;
  std::int64_t OrdinalAtOrBefore(std::int64_t dts) const;
  IndexedPacket TimesAt(std::int64_t ordinal) const;
  bool MayStartAt(std::int64_t ordinal) const;
  StartingPoint& PointAt(std::int64_t ordinal);
  SyncKind KindAt(std::int64_t ordinal);
  SyncKind CopyKindAt(std::int64_t ordinal);
  std::optional<std::int64_t> FindEntry(std::int64_t from, std::int64_t until);
  GopWindow ReadWindow(std::int64_t pts, bool begins_copy, const WindowEnd& end);
  GopWindow ReadFrom(std::int64_t ordinal, const WindowEnd& end);
  StartingPoint UnderItsHeader(std::int64_t ordinal, StartingPoint point) const;
  void FindOtherSets(std::int64_t first_ordinal, const RunNeeds& needs);
  std::vector<RunNeeds> Divided(const RunNeeds& needs) const;
  void AddUndivided(const RunNeeds& needs);
  void AddWindows(const RunNeeds& needs);
  void AddDivisionWindows(const RunNeeds& needs);
  void ConvertInScan(const RunNeeds& needs);
  void AddRenewals(const RunNeeds& needs);

  SourceFile& source_;
  Rational time_base_ = 1;
  SyncClassifier classifier_;
  SetChanges set_changes_;
  OpenGops open_gops_;
  Seconds frame_interval_;
  std::string not_copyable_;
  std::map<std::int64_t, StartingPoint> points_;  // By ordinal, of the sync samples looked at.
  std::optional<GopWindow> scanned_;              // All packets, where there is no index.
  // Where there is an index: of the packets before each, and of all.
  std::vector<std::int64_t> bytes_before_ = {0};
  std::vector<SyncPoint> renewals_;
  GopIndex index_;
};

}  // namespace opencut
