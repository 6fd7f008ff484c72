#include "media/indexer.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "bitstream/access_unit.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

constexpr std::int64_t kDivisionSeconds = 4;
constexpr std::int64_t kBatchPackets = 64;
// What comes before a picture's first slice, and its beginning, nearly always fit.
constexpr std::size_t kTellingBytes = 4096;

SyncKind KindOf(const AccessUnit& unit) {
  switch (unit.kind) {
    case PictureKind::kIdr:
      // IDR_W_RADL may have leading pictures, which can be decoded.
      return unit.hevc_type == HevcNalType::kIdrWRadl ? SyncKind::kIrap : SyncKind::kIdr;
    case PictureKind::kBla:
    case PictureKind::kCra:
      return SyncKind::kIrap;
    case PictureKind::kIntra: {
      const std::optional<RecoveryPoint>& recovery = unit.recovery_point;
      const bool exact = recovery && recovery->recovery_frame_count == 0 && !recovery->broken_link;
      return exact ? SyncKind::kOpen : SyncKind::kNone;
    }
    default:
      return SyncKind::kNone;
  }
}

bool HasOnlyClosedGops(std::string_view codec) {
  for (const std::string_view closed :
       {"vp8", "vp9", "av1", "mjpeg", "prores", "dnxhd", "ffv1", "png", "rawvideo", "v210"}) {
    if (codec == closed) return true;
  }
  return false;
}

}  // namespace

// How a packet serves as a starting point: by its NAL units where there are such, else by the
// container's word.
class Indexer::Classifier {
 public:
  explicit Classifier(const VideoParams& params) : closed_(HasOnlyClosedGops(params.codec)) {
    if (const std::optional<Extradata> headers = HeadersOf(params)) {
      units_.emplace(headers->sets, headers->framing);
    }
  }

  // From the first bytes of a packet; nothing where they do not tell.
  std::optional<SyncKind> OfStart(const Packet& start) const {
    if (!units_) return (*this)(start);
    const std::optional<AccessUnit> unit = units_->ClassifyStart(start.bytes());
    return unit ? std::optional(KindOf(*unit)) : std::nullopt;
  }

  SyncKind operator()(const Packet& packet) const {
    if (!units_) {
      if (!packet.keyframe()) return SyncKind::kNone;
      return closed_ ? SyncKind::kIdr : SyncKind::kOpen;
    }
    try {
      return KindOf(units_->Classify(packet.bytes()));
    } catch (const Error&) {
      return SyncKind::kNone;  // A damaged packet is no place to start.
    }
  }

 private:
  const bool closed_;
  std::optional<AccessUnitClassifier> units_;
};

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
    if (!will_do || packet.kind != SyncKind::kIrap || packet.pts <= known_beyond_) return;
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
      time_base_(source.picture()->time_base),
      classifier_(std::make_unique<Classifier>(*source.video_params())) {
  if (source_.HasPictureIndex()) {
    MeasureIndex();
  } else {
    Scan();
  }
}

Indexer::~Indexer() = default;

std::int64_t Indexer::Ticks(const Seconds& seconds, Rounding rounding) const {
  return ToTicks(seconds, time_base_, rounding);
}

void Indexer::MeasureIndex() {
  std::vector<std::int64_t> hidden;
  std::optional<std::int64_t> first;
  std::int64_t last = 0;
  std::int64_t shown = 0;
  for (std::int64_t i = 0; i < source_.PictureCount(); ++i) {
    const ContainerIndexEntry entry = source_.PictureEntry(i);
    if (entry.hidden) {
      hidden.push_back(i);
      continue;
    }
    first = first.value_or(entry.dts);
    last = entry.dts;
    ++shown;
  }
  if (shown > 1 && last > *first) {
    frame_interval_ = FromTicks(last - *first, time_base_) / Rational(shown - 1);
  }
  if (frame_interval_ <= Seconds(0)) frame_interval_ = Seconds(1, 30);
  index_.SetHiddenOrdinals(std::move(hidden));
}

void Indexer::Scan() {
  GopWindow window;
  window.packets = source_.ScanPictures(*classifier_);
  window.at_end = true;
  window.known_from = INT64_MIN;
  window.known_until = INT64_MAX;
  std::vector<std::int64_t> hidden;
  std::unordered_set<std::int64_t> seen;
  bool unique = true;
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    if (!window.packets[i].shown) hidden.push_back(static_cast<std::int64_t>(i));
    unique = seen.insert(window.packets[i].pts).second && unique;
  }
  if (!unique) not_copyable_ = "two of its pictures have the same time stamp";
  const auto [low, high] = std::minmax_element(seen.begin(), seen.end());
  const auto count = static_cast<std::int64_t>(window.packets.size());
  frame_interval_ = Seconds(1, 30);
  if (count > 1 && *high > *low) {
    frame_interval_ = FromTicks(*high - *low, time_base_) / Rational(count - 1);
  } else if (window.packets.front().duration > 0) {
    frame_interval_ = FromTicks(window.packets.front().duration, time_base_);
  }
  index_.SetHiddenOrdinals(std::move(hidden));
  index_.Add(std::move(window));
}

// The last entry whose dts is not above `dts`, or 0. Its pts may still be.
std::int64_t Indexer::OrdinalAtOrBefore(std::int64_t dts) const {
  std::int64_t low = 0;
  std::int64_t high = source_.PictureCount();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (source_.PictureEntry(middle).dts <= dts) {
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

// The kind of the picture, from its bytes where the container says that it is a sync sample.
SyncKind Indexer::KindAt(std::int64_t ordinal) {
  if (!source_.PictureEntry(ordinal).keyframe) return SyncKind::kNone;
  const auto [known, is_new] = kinds_.try_emplace(ordinal, SyncKind::kNone);
  if (!is_new) return known->second;
  const Packet start = source_.ReadPictureBytes(ordinal, kTellingBytes);
  const std::optional<SyncKind> kind = classifier_->OfStart(start);
  known->second = kind ? *kind : (*classifier_)(source_.ReadPictureBytes(ordinal));
  return known->second;
}

// Reads from `ordinal` until what `end` asks for is known.
GopWindow Indexer::ReadFrom(std::int64_t ordinal, const WindowEnd& end) {
  GopWindow window;
  window.first_ordinal = ordinal;
  for (std::int64_t i = 0; i < ordinal; ++i) {
    window.bytes_before += source_.PictureEntry(i).size_bytes;
  }
  WindowProgress progress(end);
  while (!progress.complete()) {
    const std::vector<IndexedPacket> batch =
        source_.ReadPictureTimes(ordinal, ordinal + kBatchPackets);
    window.at_end = batch.empty();
    if (window.at_end) break;
    for (IndexedPacket packet : batch) {
      packet.kind = KindAt(ordinal++);
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
    const SyncKind kind = KindAt(ordinal);
    const bool usable = begins_copy ? CanBeginCopy(kind) : kind != SyncKind::kNone;
    if (usable && first.front().pts <= pts && first.front().shown) break;
    ordinal = LastKeyAtOrBefore(ordinal - 1);
  }
  return ReadFrom(ordinal, end);
}

void Indexer::Add(const RunNeeds& needs) {
  if (!source_.HasPictureIndex()) return;
  const std::int64_t run_end = Ticks(needs.end + needs.margin, Rounding::kUp);
  WindowEnd head_end;
  head_end.known_beyond = Ticks(needs.start + needs.margin, Rounding::kUp);
  if (needs.copy_after_start) {
    head_end.sync_from = head_end.known_beyond;
    head_end.sync_until = run_end;
  }
  index_.Add(ReadWindow(Ticks(needs.start - needs.margin, Rounding::kDown), needs.copy_before_start,
                        head_end));
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
  if (needs.division_points) AddDivisionWindows(needs);
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
  return std::move(index_);
}

}  // namespace opencut
