#include "timeline/video_steps.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace opencut {
namespace {

// A position in a window after which exactly the pictures before `next_pts` have been seen.
struct CleanPoint {
  std::int64_t next_pts = 0;     // The first picture that is not part of the copy.
  std::int64_t end_ordinal = 0;  // The first packet that is not.
  std::int64_t end_bytes = 0;    // From the start of the stream.
};

std::int64_t PtsBehind(const std::vector<ShownPicture>& shown, std::size_t index,
                       std::int64_t end_pts) {
  return index < shown.size() ? shown[index].pts : end_pts;
}

// Where a copy is looked at: in its first window, from the packet it begins with, whose leading
// pictures it leaves out; in its last one, from the window's start.
struct CopyView {
  const GopWindow& window;
  std::size_t first_packet = 0;
  bool begins_here = false;

  bool LeavesOut(const IndexedPacket& packet) const {
    return begins_here && packet.pts < window.packets[first_packet].pts;
  }
};

// Clean points in stream order.
std::vector<CleanPoint> CleanPoints(const CopyView& view, const std::vector<ShownPicture>& shown,
                                    std::int64_t source_end_pts) {
  const GopWindow& window = view.window;
  std::vector<std::size_t> rank(window.packets.size());
  for (std::size_t i = 0; i < shown.size(); ++i) rank[shown[i].packet] = i;
  std::vector<CleanPoint> points;
  // A window begins at a sync sample: what follows it there, leading pictures included, fills the
  // order of display from the window's first picture on.
  const std::size_t base = view.begins_here ? rank[view.first_packet] : 0;
  std::size_t highest = base;
  std::size_t seen = 0;
  std::int64_t bytes = window.bytes_before;
  for (std::size_t i = 0; i < view.first_packet; ++i) bytes += window.packets[i].size_bytes;
  for (std::size_t i = view.first_packet; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    bytes += packet.size_bytes;
    if (view.LeavesOut(packet)) continue;
    // What an edit list hides would be shown by a copy.
    if (!packet.shown) break;
    ++seen;
    highest = std::max(highest, rank[i]);
    const bool is_last = i + 1 == window.packets.size();
    if (is_last && !window.at_end) break;
    if (!window.at_end && packet.pts >= window.known_until) break;
    if (highest - base + 1 != seen) continue;
    CleanPoint point;
    point.next_pts = PtsBehind(shown, highest + 1, source_end_pts);
    point.end_ordinal = window.first_ordinal + static_cast<std::int64_t>(i) + 1;
    point.end_bytes = bytes;
    points.push_back(point);
  }
  return points;
}

std::int64_t SourceEndPts(const PlanSource& source, const PictureClock& clock) {
  const std::optional<Seconds> end = clock.End();
  return end ? ToTicks(*end, source.video_time_base, Rounding::kNearest) : INT64_MAX;
}

bool CanBeginCopy(const IndexedPacket& packet) { return packet.shown && CanBeginCopy(packet.kind); }

// The first packet that a copy can begin with in [from_pts, end_pts), which the window that covers
// from_pts holds if there is one at all.
std::optional<std::size_t> FirstCopyStart(const GopWindow& window, std::int64_t from_pts,
                                          std::int64_t end_pts) {
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    if (CanBeginCopy(packet) && packet.pts >= from_pts) {
      return packet.pts < end_pts ? std::optional(i) : std::nullopt;
    }
  }
  if (!window.at_end && window.known_until < end_pts) {
    throw std::logic_error("the index ends before a copy can begin behind an in point");
  }
  return std::nullopt;
}

std::optional<std::size_t> LastCopyStart(const GopWindow& window, std::int64_t at_or_before_pts) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    if (CanBeginCopy(packet) && packet.pts <= at_or_before_pts) found = i;
  }
  return found;
}

// The packet at which decoding must begin so that the picture at `pts` comes out whole.
std::int64_t DecodeFrom(const GopWindow& window, std::int64_t pts) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    if (packet.kind != SyncKind::kNone && packet.pts <= pts) from = i;
    if (packet.shown && packet.pts == pts) break;
  }
  return window.first_ordinal + static_cast<std::int64_t>(from);
}

// The packet behind the last one that holds a shown picture before `end_pts`. Where `window` holds
// none such, they all lie in the stream before it.
std::int64_t DecodeUntil(const GopWindow& window, std::int64_t end_pts) {
  std::size_t until = 0;
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    if (window.packets[i].shown && window.packets[i].pts < end_pts) until = i + 1;
  }
  return window.first_ordinal + static_cast<std::int64_t>(until);
}

// Whether an edit list hides one of the pictures of a copy, whose first window is `head`. Those
// that lead it are left out anyway.
bool Hides(const GopIndex& index, const GopWindow& head, const VideoStep& copy) {
  const auto& hidden = index.hidden_ordinals();
  auto next = std::lower_bound(hidden.begin(), hidden.end(), copy.first_ordinal);
  const auto leads = [&](std::int64_t ordinal) {
    if (ordinal >= head.end_ordinal()) return false;
    const auto i = static_cast<std::size_t>(ordinal - head.first_ordinal);
    return head.packets[i].pts < copy.first_pts;
  };
  while (next != hidden.end() && *next < copy.end_ordinal && leads(*next)) ++next;
  return next != hidden.end() && *next < copy.end_ordinal;
}

bool HasOtherSets(const GopIndex& index, const VideoStep& copy) {
  return std::any_of(index.other_sets().begin(), index.other_sets().end(),
                     [&](const PictureSpan& others) {
                       return others.first_pts < copy.end_pts && others.end_pts > copy.first_pts;
                     });
}

std::int64_t BytesBefore(const GopWindow& window, std::size_t packet) {
  std::int64_t bytes = window.bytes_before;
  for (std::size_t i = 0; i < packet; ++i) bytes += window.packets[i].size_bytes;
  return bytes;
}

VideoStep MakeCopyStep(const GopWindow& window, std::size_t first_packet, const CleanPoint& end) {
  const IndexedPacket& first = window.packets[first_packet];
  VideoStep step;
  step.kind = StepKind::kCopy;
  step.first_pts = first.pts;
  step.end_pts = end.next_pts;
  step.first_ordinal = window.first_ordinal + static_cast<std::int64_t>(first_packet);
  step.end_ordinal = end.end_ordinal;
  step.frames = step.end_ordinal - step.first_ordinal;
  step.source_bytes = end.end_bytes - BytesBefore(window, first_packet);
  const std::int64_t in_window = std::min(window.end_ordinal(), step.end_ordinal);
  for (std::int64_t i = step.first_ordinal + 1; i < in_window; ++i) {
    const IndexedPacket& packet =
        window.packets[static_cast<std::size_t>(i - window.first_ordinal)];
    if (packet.pts >= first.pts) continue;
    --step.frames;
    step.source_bytes -= packet.size_bytes;
  }
  return step;
}

// Size of the packets before `ordinal`, which a window of the index must hold, or end with.
std::int64_t BytesUpTo(const GopIndex& index, std::int64_t ordinal) {
  for (const GopWindow& window : index.windows()) {
    if (window.first_ordinal > ordinal || ordinal > window.end_ordinal()) continue;
    return BytesBefore(window, static_cast<std::size_t>(ordinal - window.first_ordinal));
  }
  throw std::logic_error("the index does not hold a packet that a step begins or ends with");
}

void MeasurePackets(const GopIndex& index, VideoStep& step) {
  const std::int64_t before = BytesUpTo(index, step.first_ordinal);
  step.source_bytes = BytesUpTo(index, step.end_ordinal) - before;
  step.first_bytes = BytesUpTo(index, step.first_ordinal + 1) - before;
}

VideoStep MakeEncodeStep(const PlanSource& source, const PictureClock& clock,
                         std::int64_t first_pts, std::int64_t end_pts, std::int64_t first_ordinal,
                         std::string reason) {
  VideoStep step;
  step.kind = StepKind::kEncode;
  step.first_pts = first_pts;
  step.end_pts = end_pts;
  step.first_ordinal = first_ordinal;
  step.end_ordinal = DecodeUntil(clock.WindowBefore(end_pts), end_pts);
  step.frames = clock.Rank(end_pts) - clock.Rank(first_pts);
  MeasurePackets(source.index, step);
  step.reason = std::move(reason);
  return step;
}

// Encodes [first_pts, end_pts), in pieces that begin at the index's division points, so that
// several cores can share it.
void AddEncodeSteps(std::vector<VideoStep>& steps, const PlanSource& source,
                    const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts,
                    const std::string& reason) {
  static const Seconds kShortestPiece(4);
  const std::int64_t shortest = ToTicks(kShortestPiece, source.video_time_base, Rounding::kNearest);
  std::int64_t from = DecodeFrom(clock.WindowAt(first_pts), first_pts);
  std::int64_t piece_start = first_pts;
  for (const SyncPoint& point : source.index.division_points()) {
    if (point.pts < piece_start + shortest || point.pts > end_pts - shortest) continue;
    steps.push_back(MakeEncodeStep(source, clock, piece_start, point.pts, from, reason));
    piece_start = point.pts;
    from = point.ordinal;
  }
  steps.push_back(MakeEncodeStep(source, clock, piece_start, end_pts, from, reason));
}

// The same of pictures that could not be copied wherever the cuts lay.
void AddFallbackSteps(std::vector<VideoStep>& steps, const PlanSource& source,
                      const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts,
                      const std::string& reason) {
  const std::size_t before = steps.size();
  AddEncodeSteps(steps, source, clock, first_pts, end_pts, reason);
  for (std::size_t i = before; i < steps.size(); ++i) steps[i].is_fallback = true;
}

// How a copy that begins with a packet of `head` is seen where it ends.
CopyView ViewOfEnd(const GopWindow& tail, const GopWindow& head, std::size_t first_packet) {
  if (&tail != &head) return {.window = tail};
  return {.window = head, .first_packet = first_packet, .begins_here = true};
}

// What pictures that a copy can begin with are called.
std::string CopyStartName(const PlanSource& source) {
  return source.video->codec == "hevc" ? "random access picture" : "IDR picture";
}

std::string WhyNoCopyStart(const PlanSource& source) {
  const std::string reason = "no " + CopyStartName(source) + " lies between the cuts";
  if (source.open_gop_refusal.empty()) return reason;
  return reason + ", and its open groups of pictures cannot be entered: " + source.open_gop_refusal;
}

// The copy that begins with a packet of `head` and ends at the last clean point not past `end_pts`.
std::optional<VideoStep> CopyWithin(const PlanSource& source, const PictureClock& clock,
                                    const GopWindow& head, std::size_t first_packet,
                                    std::int64_t end_pts) {
  const GopWindow& tail = clock.WindowBefore(end_pts);
  std::optional<CleanPoint> last;
  for (const CleanPoint& point : CleanPoints(ViewOfEnd(tail, head, first_packet), clock.Shown(tail),
                                             SourceEndPts(source, clock))) {
    if (point.next_pts <= end_pts) last = point;
  }
  if (!last && &tail != &head) {
    // Nothing of the tail's first GOP is whole: the copy ends where that GOP begins.
    last = CleanPoint{clock.Shown(tail).front().pts, tail.first_ordinal, tail.bytes_before};
  }
  if (!last) return std::nullopt;
  return MakeCopyStep(head, first_packet, *last);
}

struct Copy {
  const GopWindow& head;
  std::size_t first_packet = 0;  // Of `head`.
  VideoStep step;
};

// What a renewal point makes of a copy that runs through it.
struct Renewal {
  VideoStep before;
  std::int64_t led_from_pts = 0;  // The first picture that leads the one to begin anew with.
  Copy behind;
};

// Nothing where a copy cannot begin anew at `point`, or where too little of it would be left.
std::optional<Renewal> RenewAt(const PlanSource& source, const PictureClock& clock,
                               const Copy& copy, const SyncPoint& point) {
  const GopWindow& window = clock.WindowAt(point.pts);
  const auto place = static_cast<std::size_t>(point.ordinal - window.first_ordinal);
  std::int64_t led_from = point.pts;
  for (std::size_t i = place + 1; i < window.packets.size(); ++i) {
    led_from = std::min(led_from, window.packets[i].pts);
  }
  const auto shown_late = [&](const IndexedPacket& packet) { return packet.pts >= led_from; };
  const auto until = window.packets.begin() + static_cast<std::ptrdiff_t>(place);
  if (std::any_of(window.packets.begin(), until, shown_late)) return std::nullopt;
  if (led_from <= copy.step.first_pts) return std::nullopt;
  const std::optional<VideoStep> behind =
      CopyWithin(source, clock, window, place, copy.step.end_pts);
  if (!behind || behind->end_pts != copy.step.end_pts) return std::nullopt;
  const CleanPoint end{led_from, point.ordinal, BytesBefore(window, place)};
  return Renewal{.before = MakeCopyStep(copy.head, copy.first_packet, end),
                 .led_from_pts = led_from,
                 .behind = {.head = window, .first_packet = place, .step = *behind}};
}

// A copy, begun anew at the source's renewal points within it.
void AddCopySteps(std::vector<VideoStep>& steps, const PlanSource& source,
                  const PictureClock& clock, const Copy& whole) {
  std::optional<Renewal> last;
  const auto current = [&]() -> const Copy& { return last ? last->behind : whole; };
  for (const SyncPoint& point : source.index.renewal_points()) {
    if (point.pts <= current().step.first_pts || point.pts >= whole.step.end_pts) continue;
    std::optional<Renewal> renewal = RenewAt(source, clock, current(), point);
    if (!renewal) continue;
    steps.push_back(renewal->before);
    if (renewal->led_from_pts < point.pts) {
      AddEncodeSteps(steps, source, clock, renewal->led_from_pts, point.pts,
                     "before a picture at which the copy begins anew, for players to seek to");
    }
    last.emplace(std::move(*renewal));
  }
  steps.push_back(current().step);
}

// Adds the steps of pictures that may be copied, those apart that stand before the first IDR
// picture and behind the last clean point.
void AddHybridSteps(std::vector<VideoStep>& steps, const PlanSource& source,
                    const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts) {
  const auto encode_all = [&](const std::string& reason) {
    AddEncodeSteps(steps, source, clock, first_pts, end_pts, reason);
  };
  const GopWindow& head = clock.WindowAt(first_pts);
  const std::optional<std::size_t> first = FirstCopyStart(head, first_pts, end_pts);
  if (!first) return encode_all(WhyNoCopyStart(source));
  const std::optional<VideoStep> copy = CopyWithin(source, clock, head, *first, end_pts);
  if (!copy) return encode_all("the cuts leave no whole group of pictures");
  if (Hides(source.index, head, *copy)) {
    return encode_all("an edit list hides pictures between the cuts");
  }

  if (copy->first_pts > first_pts) {
    AddEncodeSteps(steps, source, clock, first_pts, copy->first_pts,
                   "from the cut to the next " + CopyStartName(source));
  }
  AddCopySteps(steps, source, clock, {.head = head, .first_packet = *first, .step = *copy});
  if (copy->end_pts < end_pts) {
    AddEncodeSteps(steps, source, clock, copy->end_pts, end_pts,
                   "from the last clean point to the cut");
  }
}

// The same of pictures among which a copy may have to begin anew.
void AddDividedSteps(std::vector<VideoStep>& steps, const PlanSource& source,
                     const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts) {
  for (const std::int64_t seam : source.index.seams()) {
    if (seam <= first_pts || seam >= end_pts) continue;
    AddHybridSteps(steps, source, clock, first_pts, seam);
    first_pts = seam;
  }
  if (first_pts < end_pts) AddHybridSteps(steps, source, clock, first_pts, end_pts);
}

}  // namespace

std::vector<VideoStep> HybridSteps(const PlanSource& source, const PictureClock& clock,
                                   const Placement& placement, const std::string& not_copyable) {
  std::vector<VideoStep> steps;
  if (!not_copyable.empty()) {
    AddFallbackSteps(steps, source, clock, placement.first_pts, placement.end_pts, not_copyable);
    return steps;
  }
  std::int64_t from = placement.first_pts;
  for (const PictureSpan& others : source.index.other_sets()) {
    const std::int64_t first = std::max(others.first_pts, from);
    const std::int64_t end = std::min(others.end_pts, placement.end_pts);
    if (first >= end) continue;
    AddDividedSteps(steps, source, clock, from, first);
    AddFallbackSteps(steps, source, clock, first, end,
                     "the stream's parameter sets are others here than in its header");
    from = end;
  }
  AddDividedSteps(steps, source, clock, from, placement.end_pts);
  return steps;
}

std::optional<VideoStep> CopyStep(const PlanSource& source, const PictureClock& clock,
                                  const Placement& placement) {
  const GopWindow& head = clock.WindowAt(placement.first_pts);
  const std::optional<std::size_t> first = LastCopyStart(head, placement.first_pts);
  if (!first) return std::nullopt;
  const GopWindow& tail = clock.WindowBefore(placement.end_pts);
  for (const CleanPoint& point :
       CleanPoints(ViewOfEnd(tail, head, *first), clock.Shown(tail), SourceEndPts(source, clock))) {
    if (point.next_pts < placement.end_pts) continue;
    const VideoStep step = MakeCopyStep(head, *first, point);
    if (Hides(source.index, head, step) || HasOtherSets(source.index, step)) break;
    return step;
  }
  return std::nullopt;
}

VideoStep DecodeStep(const PlanSource& source, const PictureClock& clock, const RunRange& range) {
  VideoStep step;
  step.kind = StepKind::kEncode;
  step.first_pts = clock.OnScreen(range.start).pts;
  // Before the first picture, the first is on screen.
  step.end_pts = std::max(clock.AtOrAfter(range.end).pts, step.first_pts + 1);
  step.first_ordinal = DecodeFrom(clock.WindowAt(step.first_pts), step.first_pts);
  step.end_ordinal = DecodeUntil(clock.WindowBefore(step.end_pts), step.end_pts);
  MeasurePackets(source.index, step);
  return step;
}

}  // namespace opencut
