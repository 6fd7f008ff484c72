#include "timeline/video_steps.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "timeline/window_order.h"

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
  const WindowOrder& order;
  std::size_t first_packet = 0;
  bool begins_here = false;

  bool LeavesOut(const IndexedPacket& packet) const {
    return begins_here && packet.pts < order.packet(first_packet).pts;
  }
};

// Calls `visit` with each clean point, in stream order, until it returns false.
template <typename Visit>
void VisitCleanPoints(const CopyView& view, std::int64_t source_end_pts, const Visit& visit) {
  const WindowOrder& order = view.order;
  const GopWindow& window = order.window();
  // A window begins at a sync sample: what follows it there, leading pictures included, fills the
  // order of display from the window's first picture on.
  const std::size_t base = view.begins_here ? order.RankOf(view.first_packet) : 0;
  std::size_t highest = base;
  std::size_t seen = 0;
  for (std::size_t i = view.first_packet; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    if (view.LeavesOut(packet)) continue;
    // What an edit list hides would be shown by a copy.
    if (!packet.shown) break;
    ++seen;
    highest = std::max(highest, order.RankOf(i));
    const bool is_last = i + 1 == window.packets.size();
    if (is_last && !window.at_end) break;
    if (!window.at_end && packet.pts >= window.known_until) break;
    if (highest - base + 1 != seen) continue;
    CleanPoint point;
    point.next_pts = PtsBehind(order.shown(), highest + 1, source_end_pts);
    point.end_ordinal = window.first_ordinal + static_cast<std::int64_t>(i) + 1;
    point.end_bytes = order.BytesBefore(i + 1);
    if (!visit(point)) break;
  }
}

std::int64_t SourceEndPts(const PlanSource& source, const PictureClock& clock) {
  const std::optional<Seconds> end = clock.End();
  return end ? ToTicks(*end, source.video_time_base, Rounding::kNearest) : INT64_MAX;
}

// The first packet that a copy can begin with in [from_pts, end_pts), which the window that covers
// from_pts holds if there is one at all.
std::optional<std::size_t> FirstCopyStart(const WindowOrder& order, std::int64_t from_pts,
                                          std::int64_t end_pts) {
  const GopWindow& window = order.window();
  const std::optional<std::size_t> first = order.FirstCopyStart(from_pts);
  if (first) return order.packet(*first).pts < end_pts ? first : std::nullopt;
  if (!window.at_end && window.known_until < end_pts) {
    throw std::logic_error("the index ends before a copy can begin behind an in point");
  }
  return std::nullopt;
}

std::int64_t OrdinalOf(const WindowOrder& order, std::size_t packet) {
  return order.window().first_ordinal + static_cast<std::int64_t>(packet);
}

// The packet at which decoding must begin so that the picture at `pts` comes out whole.
std::int64_t DecodeFrom(const PictureClock& clock, std::int64_t pts) {
  const WindowOrder& order = clock.WindowAt(pts);
  return OrdinalOf(order, order.DecodeFrom(pts));
}

// The packet behind the last one that holds a shown picture before `end_pts`.
std::int64_t DecodeUntil(const PictureClock& clock, std::int64_t end_pts) {
  const WindowOrder& order = clock.WindowBefore(end_pts);
  return OrdinalOf(order, order.DecodeUntil(end_pts));
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

VideoStep MakeCopyStep(const WindowOrder& order, std::size_t first_packet, const CleanPoint& end) {
  const GopWindow& window = order.window();
  const IndexedPacket& first = window.packets[first_packet];
  VideoStep step;
  step.kind = StepKind::kCopy;
  step.first_pts = first.pts;
  step.end_pts = end.next_pts;
  step.first_ordinal = OrdinalOf(order, first_packet);
  step.end_ordinal = end.end_ordinal;
  step.frames = step.end_ordinal - step.first_ordinal;
  step.source_bytes = end.end_bytes - order.BytesBefore(first_packet);
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

void MeasurePackets(const PictureClock& clock, VideoStep& step) {
  const std::int64_t before = clock.BytesBefore(step.first_ordinal);
  step.source_bytes = clock.BytesBefore(step.end_ordinal) - before;
  step.first_bytes = clock.BytesBefore(step.first_ordinal + 1) - before;
}

VideoStep MakeEncodeStep(const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts,
                         std::int64_t first_ordinal, std::string reason) {
  VideoStep step;
  step.kind = StepKind::kEncode;
  step.first_pts = first_pts;
  step.end_pts = end_pts;
  step.first_ordinal = first_ordinal;
  step.end_ordinal = DecodeUntil(clock, end_pts);
  step.frames = clock.Rank(end_pts) - clock.Rank(first_pts);
  MeasurePackets(clock, step);
  step.reason = std::move(reason);
  return step;
}

// Those shown behind `pts`, of points in order.
std::span<const SyncPoint> PointsBehind(const std::vector<SyncPoint>& points, std::int64_t pts) {
  const auto first =
      std::upper_bound(points.begin(), points.end(), pts,
                       [](std::int64_t time, const SyncPoint& point) { return time < point.pts; });
  return {first, points.end()};
}

// Encodes [first_pts, end_pts), in pieces that begin at the index's division points, so that
// several cores can share it.
void AddEncodeSteps(std::vector<VideoStep>& steps, const PlanSource& source,
                    const PictureClock& clock, std::int64_t first_pts, std::int64_t end_pts,
                    const std::string& reason) {
  static const Seconds kShortestPiece(4);
  const std::int64_t shortest = ToTicks(kShortestPiece, source.video_time_base, Rounding::kNearest);
  std::int64_t from = DecodeFrom(clock, first_pts);
  std::int64_t piece_start = first_pts;
  for (const SyncPoint& point : PointsBehind(source.index.division_points(), first_pts)) {
    if (point.pts > end_pts - shortest) break;
    if (point.pts < piece_start + shortest) continue;
    steps.push_back(MakeEncodeStep(clock, piece_start, point.pts, from, reason));
    piece_start = point.pts;
    from = point.ordinal;
  }
  steps.push_back(MakeEncodeStep(clock, piece_start, end_pts, from, reason));
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
CopyView ViewOfEnd(const WindowOrder& tail, const WindowOrder& head, std::size_t first_packet) {
  if (&tail != &head) return {.order = tail};
  return {.order = head, .first_packet = first_packet, .begins_here = true};
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
                                    const WindowOrder& head, std::size_t first_packet,
                                    std::int64_t end_pts) {
  const WindowOrder& tail = clock.WindowBefore(end_pts);
  std::optional<CleanPoint> last;
  VisitCleanPoints(ViewOfEnd(tail, head, first_packet), SourceEndPts(source, clock),
                   [&](const CleanPoint& point) {
                     if (point.next_pts > end_pts) return false;
                     last = point;
                     return true;
                   });
  if (!last && &tail != &head) {
    // Nothing of the tail's first GOP is whole: the copy ends where that GOP begins.
    const GopWindow& window = tail.window();
    last = CleanPoint{tail.shown().front().pts, window.first_ordinal, window.bytes_before};
  }
  if (!last) return std::nullopt;
  return MakeCopyStep(head, first_packet, *last);
}

struct Copy {
  const WindowOrder& head;
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
  const WindowOrder& order = clock.WindowAt(point.pts);
  const std::vector<IndexedPacket>& packets = order.window().packets;
  const auto place = static_cast<std::size_t>(point.ordinal - order.window().first_ordinal);
  std::int64_t led_from = point.pts;
  for (std::size_t i = place + 1; i < packets.size() && packets[i].kind == SyncKind::kNone; ++i) {
    led_from = std::min(led_from, packets[i].pts);
  }
  for (std::size_t i = place; i > 0;) {
    if (packets[--i].pts >= led_from) return std::nullopt;
    if (packets[i].kind != SyncKind::kNone) break;
  }
  if (led_from <= copy.step.first_pts) return std::nullopt;
  const std::optional<VideoStep> behind =
      CopyWithin(source, clock, order, place, copy.step.end_pts);
  if (!behind || behind->end_pts != copy.step.end_pts) return std::nullopt;
  const CleanPoint end{led_from, point.ordinal, order.BytesBefore(place)};
  return Renewal{.before = MakeCopyStep(copy.head, copy.first_packet, end),
                 .led_from_pts = led_from,
                 .behind = {.head = order, .first_packet = place, .step = *behind}};
}

// A copy, begun anew at the source's renewal points within it.
void AddCopySteps(std::vector<VideoStep>& steps, const PlanSource& source,
                  const PictureClock& clock, const Copy& whole) {
  std::optional<Renewal> last;
  const auto current = [&]() -> const Copy& { return last ? last->behind : whole; };
  for (const SyncPoint& point : PointsBehind(source.index.renewal_points(), whole.step.first_pts)) {
    if (point.pts >= whole.step.end_pts) break;
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
  const WindowOrder& head = clock.WindowAt(first_pts);
  const std::optional<std::size_t> first = FirstCopyStart(head, first_pts, end_pts);
  if (!first) return encode_all(WhyNoCopyStart(source));
  const std::optional<VideoStep> copy = CopyWithin(source, clock, head, *first, end_pts);
  if (!copy) return encode_all("the cuts leave no whole group of pictures");
  if (Hides(source.index, head.window(), *copy)) {
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
  const WindowOrder& head = clock.WindowAt(placement.first_pts);
  const std::optional<std::size_t> first = head.LastCopyStart(placement.first_pts);
  if (!first) return std::nullopt;
  const WindowOrder& tail = clock.WindowBefore(placement.end_pts);
  std::optional<VideoStep> step;
  VisitCleanPoints(ViewOfEnd(tail, head, *first), SourceEndPts(source, clock),
                   [&](const CleanPoint& point) {
                     if (point.next_pts < placement.end_pts) return true;
                     step = MakeCopyStep(head, *first, point);
                     return false;
                   });
  if (!step || Hides(source.index, head.window(), *step) || HasOtherSets(source.index, *step)) {
    return std::nullopt;
  }
  return step;
}

VideoStep DecodeStep(const PictureClock& clock, const RunRange& range) {
  VideoStep step;
  step.kind = StepKind::kEncode;
  step.first_pts = clock.OnScreen(range.start).pts;
  // Before the first picture, the first is on screen.
  step.end_pts = std::max(clock.AtOrAfter(range.end).pts, step.first_pts + 1);
  step.first_ordinal = DecodeFrom(clock, step.first_pts);
  step.end_ordinal = DecodeUntil(clock, step.end_pts);
  MeasurePackets(clock, step);
  return step;
}

}  // namespace opencut
