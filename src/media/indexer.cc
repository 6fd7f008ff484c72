#include "media/indexer.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace opencut {
namespace {

constexpr std::int64_t kDivisionSeconds = 4;
// A player that seeks decodes from the sync sample before: so much at most where a copy goes on
// through open GOPs, and no less, since every renewal encodes a few pictures.
constexpr std::int64_t kRenewalSeconds = 10;
constexpr std::int64_t kShortestRenewalSeconds = 4;
constexpr std::int64_t kBatchPackets = 64;
// A cut could fall between the fields of a frame, and decoders give one picture for two packets.
constexpr const char* kLoneField = "a sample of it holds a field without the other of its frame";

}  // namespace

// Whether a window that is being read has what is asked of it.
class Indexer::WindowProgress {
 public:
  explicit WindowProgress(const WindowEnd& end)
      : end_(end), known_beyond_(end.known_beyond), sync_found_(end.sync_from == INT64_MAX) {}

  void Add(const IndexedPacket& packet) {
    if (!sync_found_) LookForSync(packet);
    if (packet.shown && packet.pts > known_beyond_) next_shown_ = std::min(next_shown_, packet.pts);
    // No later packet has a pts below its own dts, hence none at or below this one's.
    complete_ = sync_found_ && packet.dts > known_beyond_ && packet.dts >= next_shown_;
  }
  bool complete() const { return complete_; }

 private:
  void LookForSync(const IndexedPacket& packet) {
    const bool will_do =
        packet.shown && packet.pts >= end_.sync_from &&
        (end_.sync_begins_copy ? CanBeginCopy(packet.kind) : packet.kind != SyncKind::kNone);
    sync_found_ = will_do || packet.dts > end_.sync_until;
    const bool may_be_led = packet.kind == SyncKind::kIrap || packet.kind == SyncKind::kConvertible;
    if (!will_do || !may_be_led || packet.pts <= known_beyond_) return;
    // The pictures that lead it are to be known as well. None that comes before it in the stream is
    // shown behind it.
    known_beyond_ = packet.pts - 1;
    next_shown_ = packet.pts;
  }

  const WindowEnd end_;
  std::int64_t known_beyond_;
  bool sync_found_;
  std::int64_t next_shown_ = INT64_MAX;  // The lowest shown pts behind known_beyond.
  bool complete_ = false;
};

Indexer::Indexer(SourceFile& source)
    : source_(source),
      classifier_(*source.video_params()),
      set_changes_(source, classifier_),
      open_gops_(source) {
  if (source_.HasPictureIndex()) {
    HideFirstRasl(source_, classifier_);
  } else {
    Scan();
  }
  time_base_ = source_.picture()->time_base;
  scanned_ ? MeasureScan() : MeasureIndex();
}

std::int64_t Indexer::Ticks(const Seconds& seconds, Rounding rounding) const {
  return ToTicks(seconds, time_base_, rounding);
}

void Indexer::MeasureIndex() {
  std::vector<std::int64_t> hidden;
  std::optional<std::int64_t> first;
  std::int64_t last = 0;
  std::int64_t last_ordinal = 0;
  std::int64_t shown = 0;
  for (std::int64_t i = 0; i < source_.PictureCount(); ++i) {
    const ContainerIndexEntry entry = source_.PictureEntry(i);
    bytes_before_.push_back(bytes_before_.back() + entry.size_bytes);
    if (entry.hidden) {
      hidden.push_back(i);
      continue;
    }
    first = first.value_or(entry.dts);
    last = entry.dts;
    last_ordinal = i;
    ++shown;
  }
  if (shown > 1 && last > *first) {
    frame_interval_ = FromTicks(last - *first, time_base_) / Rational(shown - 1);
  } else if (shown == 1) {
    const auto only = source_.ReadPictureTimes(last_ordinal, last_ordinal + 1);
    if (!only.empty()) frame_interval_ = FromTicks(only.front().duration, time_base_);
  }
  if (frame_interval_ <= Seconds(0)) frame_interval_ = Seconds(1, 30);
  index_.SetHiddenOrdinals(std::move(hidden));
}

void Indexer::Scan() {
  GopWindow& window = scanned_.emplace();
  std::int64_t ordinal = 0;
  std::vector<std::int64_t> rasl;
  std::vector<std::int64_t> never_shown;
  window.packets = source_.ScanPictures([&](const Packet& packet, IndexedPacket& indexed) {
    const StartingPoint point = UnderItsHeader(ordinal, classifier_.ClassifyNext(packet));
    if (point.kind != SyncKind::kNone || point.may_convert) points_.emplace(ordinal, point);
    // What comes before the first sync sample, as in a recording begun at any time, cannot be
    // shown.
    if (point.is_lone_field && !points_.empty()) not_copyable_ = kLoneField;
    if (point.leading == StartingPoint::Leading::kRasl) rasl.push_back(ordinal);
    if (point.never_shown) never_shown.push_back(ordinal);
    ++ordinal;
    indexed.kind = point.kind;
    indexed.other_sets = point.other_sets;
    indexed.shown = indexed.shown && !point.never_shown;
  });
  BeginAnew(source_, window, rasl, never_shown);
  PlaceNeverShown(never_shown, window);
  if (!points_.empty()) HideBeforeFirstStart(points_.begin()->first, window);
  if (source_.CountsPictures()) CountFromClosedGops(window);
  window.at_end = true;
  window.known_from = INT64_MIN;
  window.known_until = INT64_MAX;
  for (const PictureSpan& span : SpansOfOtherSets(window)) index_.AddOtherSets(span);
  index_.SetSeams(SeamsOf(window));
}

// Where pictures are counted, decoding can only begin where no picture that leads may get lost.
void Indexer::CountFromClosedGops(GopWindow& window) {
  not_copyable_ = "its container does not say when its pictures are shown";
  for (IndexedPacket& packet : window.packets) {
    if (packet.kind != SyncKind::kIdr) packet.kind = SyncKind::kNone;
  }
}

// Decoding can begin under a header that took the place of the stream's, but no copy.
StartingPoint Indexer::UnderItsHeader(std::int64_t ordinal, StartingPoint point) const {
  if (source_.HeaderAt(ordinal) == 0) return point;
  if (point.kind != SyncKind::kNone) point.kind = SyncKind::kOpen;
  point.may_convert = false;
  point.other_sets = true;
  return point;
}

void Indexer::MeasureScan() {
  const GopWindow& window = *scanned_;
  std::vector<std::int64_t> hidden;
  std::unordered_set<std::int64_t> seen;
  bool unique = true;
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    if (!window.packets[i].shown) {
      hidden.push_back(static_cast<std::int64_t>(i));
      continue;
    }
    unique = seen.insert(window.packets[i].pts).second && unique;
  }
  if (!unique && not_copyable_.empty())
    not_copyable_ = "two of its pictures have the same time stamp";
  const auto [low, high] = std::minmax_element(seen.begin(), seen.end());
  const auto count = static_cast<std::int64_t>(seen.size());
  frame_interval_ = Seconds(1, 30);
  if (count > 1) {
    frame_interval_ = FromTicks(*high - *low, time_base_) / Rational(count - 1);
  } else if (window.packets.front().duration > 0) {
    frame_interval_ = FromTicks(window.packets.front().duration, time_base_);
  }
  index_.SetHiddenOrdinals(std::move(hidden));
}

void Indexer::LookForLoneField(std::int64_t ordinal) {
  if (!source_.video_params()->interlaced || !not_copyable_.empty()) return;
  if (classifier_.ClassifyAt(source_, ordinal).is_lone_field) not_copyable_ = kLoneField;
}

// The last entry whose dts is not above `dts`, or 0. Its pts may still be.
std::int64_t Indexer::OrdinalAtOrBefore(std::int64_t dts) const {
  std::int64_t low = 0;
  std::int64_t high = source_.PictureCount();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (TimesAt(middle).dts <= dts) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::max<std::int64_t>(low - 1, 0);
}

std::int64_t Indexer::LastKeyAtOrBefore(std::int64_t ordinal) const {
  while (ordinal > 0 && !source_.PictureEntry(ordinal).keyframe) --ordinal;
  return ordinal;
}

// What the container or, once it was scanned, its packets say of the picture.
IndexedPacket Indexer::TimesAt(std::int64_t ordinal) const {
  if (scanned_) return scanned_->packets[static_cast<std::size_t>(ordinal)];
  IndexedPacket packet;
  packet.dts = source_.PictureEntry(ordinal).dts;
  return packet;
}

bool Indexer::MayStartAt(std::int64_t ordinal) const {
  if (scanned_) return points_.count(ordinal) > 0;
  return source_.PictureEntry(ordinal).keyframe;
}

// The kind of the picture, from its bytes where the container says that it is a sync sample.
StartingPoint& Indexer::PointAt(std::int64_t ordinal) {
  static const StartingPoint kNoStart;
  const auto [known, is_new] = points_.try_emplace(ordinal, kNoStart);
  if (!is_new || scanned_) return known->second;
  known->second = UnderItsHeader(ordinal, classifier_.ClassifyAt(source_, ordinal));
  return known->second;
}

SyncKind Indexer::KindAt(std::int64_t ordinal) {
  return MayStartAt(ordinal) ? PointAt(ordinal).kind : SyncKind::kNone;
}

// The same, once it has been found out whether a copy can begin there.
SyncKind Indexer::CopyKindAt(std::int64_t ordinal) {
  if (!MayStartAt(ordinal)) return SyncKind::kNone;
  StartingPoint& point = PointAt(ordinal);
  if (point.may_convert && point.kind != SyncKind::kConvertible && open_gops_.CanConvert(ordinal)) {
    point.kind = SyncKind::kConvertible;
    if (scanned_) {
      scanned_->packets[static_cast<std::size_t>(ordinal)].kind = SyncKind::kConvertible;
    }
  }
  return point.kind;
}

// Reads from `ordinal` until what `end` asks for is known.
GopWindow Indexer::ReadFrom(std::int64_t ordinal, const WindowEnd& end) {
  GopWindow window;
  window.first_ordinal = ordinal;
  window.bytes_before = bytes_before_[static_cast<std::size_t>(ordinal)];
  WindowProgress progress(end);
  while (!progress.complete()) {
    const std::vector<IndexedPacket> batch =
        source_.ReadPictureTimes(ordinal, ordinal + kBatchPackets);
    window.at_end = batch.empty();
    if (window.at_end) break;
    for (IndexedPacket packet : batch) {
      packet.kind = packet.pts >= end.copies_from ? CopyKindAt(ordinal) : KindAt(ordinal);
      LookForLoneField(ordinal);
      ++ordinal;
      window.packets.push_back(packet);
      progress.Add(packet);
      if (progress.complete()) break;
    }
  }
  window.at_end = window.at_end || ordinal == source_.PictureCount();
  window.known_from = window.first_ordinal == 0 ? INT64_MIN : window.packets.front().pts;
  window.known_until = window.at_end ? INT64_MAX : window.packets.back().dts + 1;
  return window;
}

// The window that begins at the last usable sync sample whose picture is not behind `pts`.
GopWindow Indexer::ReadWindow(std::int64_t pts, bool begins_copy, const WindowEnd& end) {
  std::int64_t ordinal = LastKeyAtOrBefore(OrdinalAtOrBefore(pts));
  while (ordinal > 0) {
    const std::vector<IndexedPacket> first = source_.ReadPictureTimes(ordinal, ordinal + 1);
    if (first.empty()) break;
    const bool usable =
        begins_copy ? CanBeginCopy(CopyKindAt(ordinal)) : KindAt(ordinal) != SyncKind::kNone;
    if (usable && first.front().pts <= pts && first.front().shown) break;
    ordinal = LastKeyAtOrBefore(ordinal - 1);
  }
  return ReadFrom(ordinal, end);
}

void Indexer::Add(const RunNeeds& needs) {
  const std::int64_t start = Ticks(needs.start - needs.margin, Rounding::kDown);
  if (needs.copy_before_start) {
    AddUndivided(needs);
    // The copy may begin with any sync sample of the window.
    if (!scanned_) FindOtherSets(index_.Covering(start)->first_ordinal, needs);
    return;
  }
  if (needs.copy_after_start && !scanned_) {
    FindOtherSets(LastKeyAtOrBefore(OrdinalAtOrBefore(start)), needs);
  }
  for (const RunNeeds& part : Divided(needs)) AddUndivided(part);
}

void Indexer::FindOtherSets(std::int64_t first_ordinal, const RunNeeds& needs) {
  const std::int64_t until = Ticks(needs.end + needs.margin, Rounding::kUp);
  for (const PictureSpan& span : set_changes_.Find(first_ordinal, until)) {
    index_.AddOtherSets(span);
  }
}

// A run that is copied, apart from what in it has other parameter sets.
std::vector<RunNeeds> Indexer::Divided(const RunNeeds& needs) const {
  std::vector<RunNeeds> parts;
  RunNeeds rest = needs;
  for (const PictureSpan& span : index_.other_sets()) {
    if (!needs.copy_after_start) break;
    const bool ends = span.end_pts != INT64_MAX;
    const Seconds begin = std::max(FromTicks(span.first_pts, time_base_), rest.start);
    const Seconds end = ends ? std::min(FromTicks(span.end_pts, time_base_), rest.end) : rest.end;
    if (begin >= end) continue;
    RunNeeds part = rest;
    part.end = begin;
    if (rest.start < begin) parts.push_back(part);
    parts.push_back({.start = begin, .end = end, .margin = needs.margin, .division_points = true});
    rest.start = end;
  }
  if (rest.start < rest.end) parts.push_back(rest);
  return parts;
}

void Indexer::AddUndivided(const RunNeeds& needs) {
  if (scanned_) {
    if (needs.copy_before_start || needs.copy_after_start) ConvertInScan(needs);
  } else {
    AddWindows(needs);
    if (needs.division_points) AddDivisionWindows(needs);
  }
  if (needs.copy_after_start) AddRenewals(needs);
}

void Indexer::AddWindows(const RunNeeds& needs) {
  const std::int64_t run_end = Ticks(needs.end + needs.margin, Rounding::kUp);
  const std::int64_t earliest_start = Ticks(needs.start - needs.margin, Rounding::kDown);
  WindowEnd head_end;
  head_end.known_beyond = Ticks(needs.start + needs.margin, Rounding::kUp);
  if (needs.copy_after_start) {
    head_end.sync_from = head_end.known_beyond;
    head_end.sync_until = run_end;
  }
  if (needs.copy_before_start || needs.copy_after_start) head_end.copies_from = earliest_start;
  index_.Add(ReadWindow(earliest_start, needs.copy_before_start, head_end));
  WindowEnd tail_end;
  tail_end.known_beyond = run_end;
  if (needs.copy_before_start) {
    // A copy goes on to the first clean point behind the end, which the next sync sample is at the
    // latest.
    tail_end.sync_from = run_end;
    tail_end.sync_until = INT64_MAX;
    tail_end.sync_begins_copy = false;
  }
  index_.Add(ReadWindow(Ticks(needs.end - needs.margin, Rounding::kDown), false, tail_end));
}

// Finds out of the open I pictures around the start of a run whether a copy can begin there: back
// to the first that can, where it has to lie before the start, or on to the first that can.
void Indexer::ConvertInScan(const RunNeeds& needs) {
  const std::int64_t earliest = Ticks(needs.start - needs.margin, Rounding::kDown);
  const std::int64_t latest = Ticks(needs.start + needs.margin, Rounding::kUp);
  const std::int64_t run_end = Ticks(needs.end, Rounding::kUp);
  std::vector<std::int64_t> behind;
  std::vector<std::int64_t> before;
  for (const auto& [ordinal, point] : points_) {
    const std::int64_t pts = TimesAt(ordinal).pts;
    if (pts >= earliest && pts < run_end) behind.push_back(ordinal);
    if (pts < earliest) before.push_back(ordinal);
  }
  for (const std::int64_t ordinal : behind) {
    const std::int64_t pts = TimesAt(ordinal).pts;
    if (pts > latest && needs.copy_before_start) break;
    if (CanBeginCopy(CopyKindAt(ordinal)) && pts >= latest) break;
  }
  if (!needs.copy_before_start) return;
  for (auto ordinal = before.rbegin(); ordinal != before.rend(); ++ordinal) {
    if (CanBeginCopy(CopyKindAt(*ordinal))) break;
  }
}

// Where a long copy goes on through open GOPs, finds convertible pictures at which it can begin
// anew.
void Indexer::AddRenewals(const RunNeeds& needs) {
  const std::int64_t usual = Ticks(Seconds(kRenewalSeconds), Rounding::kNearest);
  const std::int64_t shortest = Ticks(Seconds(kShortestRenewalSeconds), Rounding::kNearest);
  const std::int64_t end = Ticks(needs.end, Rounding::kDown) - shortest;
  std::int64_t last = Ticks(needs.start, Rounding::kUp);
  while (last + usual < end) {
    const std::optional<std::int64_t> entry = FindEntry(last + shortest, last + usual);
    last = entry ? TimesAt(*entry).dts : last + usual;
    if (!entry || CopyKindAt(*entry) != SyncKind::kConvertible) continue;
    const std::int64_t pts =
        scanned_ ? TimesAt(*entry).pts : source_.ReadPictureTimes(*entry, *entry + 1).front().pts;
    renewals_.push_back({pts, *entry});
    if (scanned_) continue;
    // From the sync sample before it, where decoding the pictures that lead it begins.
    WindowEnd window_end;
    window_end.known_beyond = pts;
    window_end.copies_from = pts;
    index_.Add(ReadWindow(pts - 1, false, window_end));
  }
}

// The last picture with dts in (from, until] that a copy can begin with.
std::optional<std::int64_t> Indexer::FindEntry(std::int64_t from, std::int64_t until) {
  for (std::int64_t i = OrdinalAtOrBefore(until); i > 0; --i) {
    if (TimesAt(i).dts <= from) break;
    if (CanBeginCopy(CopyKindAt(i))) return i;
  }
  return std::nullopt;
}

void Indexer::AddDivisionWindows(const RunNeeds& needs) {
  const std::int64_t step = Ticks(Seconds(kDivisionSeconds), Rounding::kNearest);
  const std::int64_t end = Ticks(needs.end, Rounding::kDown) - step;
  std::int64_t last = Ticks(needs.start, Rounding::kUp);
  for (std::int64_t i = OrdinalAtOrBefore(last); i < source_.PictureCount(); ++i) {
    const ContainerIndexEntry entry = source_.PictureEntry(i);
    if (entry.dts >= end) break;
    if (!entry.keyframe || entry.dts < last + step) continue;
    last = entry.dts;
    const std::vector<IndexedPacket> first = source_.ReadPictureTimes(i, i + 1);
    if (first.empty() || KindAt(i) == SyncKind::kNone) continue;
    WindowEnd window_end;
    window_end.known_beyond = first.front().pts;
    index_.Add(ReadFrom(i, window_end));
  }
}

GopIndex Indexer::Finish() {
  if (scanned_) index_.Add(std::move(*scanned_));
  std::vector<SyncPoint> points;
  for (const GopWindow& window : index_.windows()) {
    for (std::size_t i = 0; i < window.packets.size(); ++i) {
      const IndexedPacket& packet = window.packets[i];
      if (packet.kind == SyncKind::kNone || !packet.shown) continue;
      if (packet.pts >= window.known_until) continue;
      points.push_back({packet.pts, window.first_ordinal + static_cast<std::int64_t>(i)});
    }
  }
  index_.SetDivisionPoints(std::move(points));
  std::sort(renewals_.begin(), renewals_.end(),
            [](const SyncPoint& a, const SyncPoint& b) { return a.ordinal < b.ordinal; });
  index_.SetRenewalPoints(std::move(renewals_));
  return std::move(index_);
}

}  // namespace opencut
