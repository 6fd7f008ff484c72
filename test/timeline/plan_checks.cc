#include "test/timeline/plan_checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "test/timeline/plan_text.h"
#include "timeline/decode_order.h"

namespace opencut {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

const SyntheticStream& StreamOf(const PlannedRun& run, const Streams& streams) {
  return streams[static_cast<std::size_t>(run.range.source)];
}

std::int64_t EndPts(const PlannedRun& run) { return run.steps.back().end_pts; }

// How far the nearest boundary lies from `time`, a source's end included.
Seconds NearestBoundary(const SyntheticStream& stream, const Seconds& time) {
  const std::vector<std::int64_t>& shown = stream.shown_pts();
  const std::int64_t ticks = ToTicks(time, stream.pattern().time_base, Rounding::kDown);
  auto next = std::upper_bound(shown.begin(), shown.end(), ticks);
  Seconds nearest = Abs((next == shown.end() ? stream.end() : stream.TimeOf(*next)) - time);
  if (next != shown.begin()) nearest = std::min(nearest, Abs(time - stream.TimeOf(*--next)));
  return std::min(nearest, Abs(stream.end() - time));
}

bool IsBoundary(const SyntheticStream& stream, const Seconds& time) {
  return NearestBoundary(stream, time) == Seconds(0);
}

// Half a nominal frame, and the millisecond that some containers count in.
Seconds Reach(const SyntheticStream& stream) {
  return stream.frame_interval() / Rational(2) + Seconds(1, 1000);
}

void ExpectCopyPlayable(const VideoStep& step, const SyntheticStream& stream) {
  const IndexedPacket& first = stream.packet(step.first_ordinal);
  EXPECT_TRUE(CanBeginCopy(first.kind)) << Text(step);
  EXPECT_EQ(first.pts, step.first_pts) << Text(step);
  std::vector<std::int64_t> copied;
  std::int64_t bytes = 0;
  for (std::int64_t i = step.first_ordinal; i < step.end_ordinal; ++i) {
    if (stream.packet(i).pts < step.first_pts) continue;
    EXPECT_TRUE(stream.packet(i).shown) << "a hidden picture would be seen: " << Text(step);
    copied.push_back(stream.packet(i).pts);
    bytes += stream.packet(i).size_bytes;
  }
  std::sort(copied.begin(), copied.end());
  EXPECT_EQ(copied, PicturesIn(stream, step.first_pts, step.end_pts)) << Text(step);
  EXPECT_EQ(step.source_bytes, bytes) << Text(step);
}

void ExpectDecodable(const VideoStep& step, const SyntheticStream& stream) {
  const IndexedPacket& first = stream.packet(step.first_ordinal);
  EXPECT_TRUE(first.kind != SyncKind::kNone || step.first_ordinal == 0) << Text(step);
  // A picture shown before the sync sample that it follows may lean on what comes before that.
  EXPECT_TRUE(first.pts <= step.first_pts || first.kind == SyncKind::kIdr) << Text(step);
  std::vector<std::int64_t> decoded;
  std::int64_t bytes = 0;
  for (std::int64_t i = step.first_ordinal; i < step.end_ordinal; ++i) {
    const IndexedPacket& packet = stream.packet(i);
    bytes += packet.size_bytes;
    if (packet.shown && packet.pts >= step.first_pts && packet.pts < step.end_pts) {
      decoded.push_back(packet.pts);
    }
  }
  std::sort(decoded.begin(), decoded.end());
  EXPECT_EQ(decoded, PicturesIn(stream, step.first_pts, step.end_pts)) << Text(step);
  EXPECT_EQ(step.source_bytes, bytes) << Text(step);
  EXPECT_EQ(step.first_bytes, first.size_bytes) << Text(step);
  const std::int64_t last_pts = stream.packet(step.end_ordinal - 1).pts;
  EXPECT_LT(last_pts, step.end_pts) << "reads more than it needs: " << Text(step);
}

// An in or out point is the boundary nearest to where it is wanted, or the wanted time itself where
// none is near.
void ExpectPointNear(const SyntheticStream& stream, const Seconds& point, const Seconds& wanted,
                     const char* which) {
  const Seconds nearest = NearestBoundary(stream, wanted);
  if (IsBoundary(stream, point)) {
    EXPECT_EQ(Abs(point - wanted), nearest) << which << " point is not the nearest boundary";
    EXPECT_LE(nearest, Reach(stream)) << which;
  } else {
    EXPECT_EQ(point, wanted) << which << " point is neither a boundary nor what was asked for";
    EXPECT_TRUE(nearest > Reach(stream) || wanted > stream.TimeOf(stream.shown_pts().back()) ||
                wanted < stream.TimeOf(stream.shown_pts().front()) + Reach(stream))
        << which << " point: a boundary lies near";
  }
}

// Every picture is the one that the editor sees in the source at the middle of its time on the
// output, so long as it is there for twice as long as the run is off.
void ExpectMiddles(const PlannedRun& run, const SyntheticStream& stream) {
  const Seconds wanted_in = run.range.start + (run.picture_start - run.timeline_start);
  const Seconds off = run.in_point - wanted_in;
  const std::vector<std::int64_t> pictures = PicturesIn(stream, run.first_pts, EndPts(run));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto place = [&](std::size_t picture) {
      return picture < pictures.size()
                 ? OutputTime(run, pictures[picture], stream.pattern().time_base)
                 : run.picture_end();
    };
    const Seconds middle = (place(i) + place(i + 1)) / Rational(2);
    const Seconds shown_for = place(i + 1) - place(i);
    EXPECT_GT(shown_for, Seconds(0)) << "picture " << pictures[i] << " has no time";
    if (Abs(off) * Rational(2) >= shown_for) continue;
    const Seconds in_source = run.range.start + (middle - run.timeline_start);
    EXPECT_EQ(stream.OnScreen(in_source), pictures[i]) << "at " << Text(middle);
  }
}

}  // namespace

std::vector<std::int64_t> PicturesIn(const SyntheticStream& stream, std::int64_t first_pts,
                                     std::int64_t end_pts) {
  std::vector<std::int64_t> pictures;
  for (const std::int64_t pts : stream.shown_pts()) {
    if (pts >= first_pts && pts < end_pts) pictures.push_back(pts);
  }
  return pictures;
}

std::optional<CopyRange> LongestCopy(const SyntheticStream& stream, std::int64_t first_pts,
                                     std::int64_t end_pts) {
  const std::int64_t count = stream.packet_count();
  CopyRange copy;
  for (copy.first_ordinal = 0; copy.first_ordinal < count; ++copy.first_ordinal) {
    const IndexedPacket& packet = stream.packet(copy.first_ordinal);
    if (CanBeginCopy(packet.kind) && packet.shown && packet.pts >= first_pts) break;
  }
  if (copy.first_ordinal == count) return std::nullopt;
  copy.first_pts = stream.packet(copy.first_ordinal).pts;
  if (copy.first_pts >= end_pts) return std::nullopt;
  // Lowest shown pts from each packet on, those apart that lead the copy.
  const auto leads = [&](const IndexedPacket& packet) { return packet.pts < copy.first_pts; };
  std::vector<std::int64_t> missing(static_cast<std::size_t>(count) + 1, kNever);
  for (std::int64_t i = count; i-- > 0;) {
    const auto at = static_cast<std::size_t>(i);
    missing[at] = missing[at + 1];
    const IndexedPacket& packet = stream.packet(i);
    if (packet.shown && !leads(packet)) missing[at] = std::min(missing[at], packet.pts);
  }
  std::int64_t highest = copy.first_pts;
  for (std::int64_t i = copy.first_ordinal; i < count; ++i) {
    if (leads(stream.packet(i))) continue;
    if (!stream.packet(i).shown) break;
    highest = std::max(highest, stream.packet(i).pts);
    std::int64_t next = missing[static_cast<std::size_t>(i) + 1];
    if (next < highest) continue;
    if (next == kNever) next = stream.end_pts();
    if (next > end_pts) break;
    copy.end_ordinal = i + 1;
    copy.end_pts = next;
  }
  if (copy.end_ordinal == 0) return std::nullopt;
  return copy;
}

void ExpectNoGaps(const Plan& plan, const Streams& streams) {
  Seconds timeline;
  Seconds picture;
  std::int64_t copied = 0;
  std::int64_t encoded = 0;
  for (const PlannedRun& run : plan.runs) {
    EXPECT_EQ(run.timeline_start, timeline);
    EXPECT_EQ(run.picture_start, picture);
    Seconds place = picture;
    std::int64_t next_pts = run.first_pts;
    for (const VideoStep& step : run.steps) {
      EXPECT_EQ(step.first_pts, next_pts) << Text(plan);
      EXPECT_EQ(step.out_start, place) << Text(plan);
      EXPECT_GT(step.out_end, step.out_start) << Text(plan);
      const auto pictures = PicturesIn(StreamOf(run, streams), step.first_pts, step.end_pts);
      EXPECT_EQ(step.frames, static_cast<std::int64_t>(pictures.size())) << Text(plan);
      EXPECT_GT(step.frames, 0) << Text(plan);
      EXPECT_EQ(step.reason.empty(), step.kind == StepKind::kCopy) << Text(plan);
      (step.kind == StepKind::kCopy ? copied : encoded) += step.frames;
      next_pts = step.end_pts;
      place = step.out_end;
    }
    EXPECT_EQ(place, run.picture_end()) << Text(plan);
    picture = run.picture_end();
    timeline = timeline + run.length();
  }
  EXPECT_EQ(plan.duration, picture);
  EXPECT_EQ(plan.timeline_end, timeline);
  EXPECT_EQ(plan.video.frames_copied, copied);
  EXPECT_EQ(plan.video.frames_encoded, encoded);
  EXPECT_EQ(plan.video.encoder.empty(), encoded == 0);
}

void ExpectPlayable(const Plan& plan, const Streams& streams) {
  for (const PlannedRun& run : plan.runs) {
    for (const VideoStep& step : run.steps) {
      if (step.kind == StepKind::kCopy) {
        ExpectCopyPlayable(step, StreamOf(run, streams));
      } else {
        ExpectDecodable(step, StreamOf(run, streams));
      }
    }
  }
}

void ExpectLeastEncoded(const Plan& plan, const Streams& streams) {
  for (const PlannedRun& run : plan.runs) {
    if (run.steps.empty()) continue;
    const std::optional<CopyRange> longest =
        LongestCopy(StreamOf(run, streams), run.first_pts, EndPts(run));
    const auto copy = std::find_if(run.steps.begin(), run.steps.end(), [](const VideoStep& step) {
      return step.kind == StepKind::kCopy;
    });
    ASSERT_EQ(copy != run.steps.end(), longest.has_value()) << Text(plan);
    if (!longest) continue;
    EXPECT_EQ(copy->first_ordinal, longest->first_ordinal) << Text(plan);
    EXPECT_EQ(copy->end_ordinal, longest->end_ordinal) << Text(plan);
    EXPECT_EQ(copy->first_pts, longest->first_pts) << Text(plan);
    EXPECT_EQ(copy->end_pts, longest->end_pts) << Text(plan);
  }
}

void ExpectStampable(const Plan& plan, const Streams& streams) {
  const Rational& time_base = plan.video.time_base;
  EXPECT_EQ(time_base.num(), 1);
  EXPECT_GT(plan.video.shape.frame_rate, Rational(0));
  DecodeClock clock(plan.video.reorder_depth, 1);
  std::vector<std::int64_t> output;
  const auto write = [&](const PlannedRun& run, std::int64_t pts) {
    output.push_back(ToTicks(OutputTime(run, pts, StreamOf(run, streams).pattern().time_base),
                             time_base, Rounding::kNearest));
    EXPECT_TRUE(clock.Next(output.back()).has_value()) << Text(plan);
  };
  for (const PlannedRun& run : plan.runs) {
    const SyntheticStream& stream = StreamOf(run, streams);
    for (const VideoStep& step : run.steps) {
      if (step.kind == StepKind::kCopy) {
        for (std::int64_t i = step.first_ordinal; i < step.end_ordinal; ++i) {
          if (stream.packet(i).pts >= step.first_pts) write(run, stream.packet(i).pts);
        }
      } else {
        for (const std::int64_t pts : PicturesIn(stream, step.first_pts, step.end_pts)) {
          write(run, pts);
        }
      }
    }
  }
  std::sort(output.begin(), output.end());
  EXPECT_EQ(std::adjacent_find(output.begin(), output.end()), output.end()) << Text(plan);
  EXPECT_EQ(output.front(), 0);
  EXPECT_LT(output.back(), ToTicks(plan.duration, time_base, Rounding::kNearest)) << Text(plan);
}

void ExpectRuleKept(const Plan& plan, const Streams& streams) {
  Seconds longest_reach;
  for (const SyntheticStream& stream : streams) {
    longest_reach = std::max(longest_reach, Reach(stream));
  }
  for (const PlannedRun& run : plan.runs) {
    SCOPED_TRACE("run of segment " + std::to_string(run.range.first_segment));
    const SyntheticStream& stream = StreamOf(run, streams);
    const Seconds lead = run.picture_start - run.timeline_start;
    EXPECT_LE(Abs(lead), longest_reach) << "P strays from T";
    const Seconds length = run.range.end - run.range.start;
    const Seconds room = length - lead;
    if (run.steps.empty()) {
      EXPECT_LT(length, stream.frame_interval());
      EXPECT_LE(room, Reach(stream) + Reach(stream));
      EXPECT_EQ(run.in_point, run.out_point);
      continue;
    }
    // A whole frame that the runs before it leave no room for: it shows a picture all the same.
    const bool squeezed = room <= Reach(stream);
    const Seconds wanted_in = run.range.start + lead;
    if (!squeezed || IsBoundary(stream, run.in_point)) {
      EXPECT_LE(Abs(run.in_point - wanted_in), longest_reach);
    }
    if (squeezed) {
      const bool as_asked_for = Abs(run.out_point - (run.in_point + room)) <= Reach(stream) &&
                                IsBoundary(stream, run.out_point);
      EXPECT_TRUE(as_asked_for ||
                  run.out_point - run.in_point <= std::max(length, stream.frame_interval()));
      continue;
    }
    ExpectPointNear(stream, run.in_point, wanted_in, "in");
    ExpectPointNear(stream, run.out_point, run.in_point + room, "out");
    EXPECT_EQ(run.first_pts, stream.OnScreen(run.in_point));
    ExpectMiddles(run, stream);
  }
  EXPECT_LE(Abs(plan.duration - plan.timeline_end), longest_reach) << "P strays from T";
}

}  // namespace opencut
