// Random edits over random sources, against what the timeline rule says of every plan. The seed is
// printed with a failure; OPENCUT_TEST_SEED replays it, OPENCUT_TEST_CASES tries more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/error.h"
#include "test/timeline/plan_checks.h"
#include "test/timeline/plan_text.h"
#include "test/timeline/random.h"
#include "test/timeline/synthetic_source.h"
#include "timeline/edit.h"
#include "timeline/planner.h"

namespace opencut {
namespace {

// Of each property.
int Cases() {
  constexpr int kUsual = 500;
  const char* asked_for = std::getenv("OPENCUT_TEST_CASES");
  return asked_for == nullptr ? kUsual : std::atoi(asked_for);
}

struct Rate {
  Rational time_base;
  std::int64_t frame_ticks;
};

const std::vector<Rate>& Rates() {
  static const std::vector<Rate> rates = {
      {{1, 90'000}, 3000},        {{1, 90'000}, 3003}, {{1, 12'800}, 512},  {{1, 15'360}, 256},
      {{1, 24'000}, 1001},        {{1, 1000}, 40},     {{1, 60'000}, 1001}, {{1, 600}, 20},
      {{1, 10'000'000}, 333'333}, {{1, 30}, 1},        {{1001, 30'000}, 1}};
  return rates;
}

// Calls `check` with one seed after another, or with the one that is to be replayed.
template <typename Check>
void ForSeeds(std::uint64_t first, const Check& check) {
  int count = Cases();
  const char* replay = std::getenv("OPENCUT_TEST_SEED");
  if (replay != nullptr) {
    first = std::strtoull(replay, nullptr, 10);
    count = 1;
  }
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    SCOPED_TRACE("OPENCUT_TEST_SEED=" + std::to_string(seed));
    Random random(seed);
    try {
      check(random);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

StreamPattern RandomPattern(Random& random, const Rate& rate) {
  StreamPattern pattern;
  pattern.time_base = rate.time_base;
  pattern.frame_ticks = rate.frame_ticks;
  pattern.first_pts = random.Percent(50) ? 0 : random.Between(0, rate.frame_ticks / 2);
  pattern.pictures = static_cast<int>(random.Between(30, 120));
  pattern.gop_length = static_cast<int>(random.OneOf<int>({1, 2, 7, 12, 15, 30, 250}));
  pattern.b_frames = static_cast<int>(random.Between(0, 3));
  pattern.pyramid = random.Percent(50);
  pattern.idr_every = random.Percent(60) ? 1 : static_cast<int>(random.Between(2, 4));
  pattern.irap = random.Percent(50);
  return pattern;
}

// Held pictures, late first pictures, edit lists.
void MakeIrregular(Random& random, StreamPattern& pattern) {
  if (random.Percent(20)) pattern.first_pts = random.Between(0, 20 * pattern.frame_ticks);
  for (std::int64_t i = random.Between(0, 6); i > 0; --i) {
    const int picture = static_cast<int>(random.Between(0, pattern.pictures - 1));
    pattern.held[picture] =
        random.Between(1, random.Percent(50) ? pattern.frame_ticks : 40 * pattern.frame_ticks);
  }
  if (random.Percent(20)) {
    for (std::int64_t i = random.Between(1, 6); i > 0; --i) {
      pattern.hidden.insert(static_cast<int>(i - 1));
    }
  }
  if (random.Percent(20)) {
    for (std::int64_t i = random.Between(1, 6); i > 0; --i) {
      pattern.hidden.insert(pattern.pictures - static_cast<int>(i));
    }
  }
}

// A time in a source: anywhere, on a picture, or near one; whole milliseconds now and then.
Seconds RandomTime(Random& random, const SyntheticStream& stream) {
  const std::int64_t end_ns = ToTicks(stream.end(), Rational(1, 1'000'000'000), Rounding::kDown);
  Seconds time(random.Between(0, end_ns), 1'000'000'000);
  if (random.Percent(40)) {
    time = stream.TimeOf(random.OneOf(stream.shown_pts()));
    if (random.Percent(50)) time += Seconds(random.Between(-20'000, 20'000), 1'000'000);
  }
  if (random.Percent(20)) time = Seconds(ToTicks(time, Seconds(1, 1000), Rounding::kNearest), 1000);
  return std::clamp(time, Seconds(0), stream.end());
}

std::vector<Segment> RandomSegments(Random& random, const Streams& streams, int count) {
  std::vector<Segment> segments;
  while (static_cast<int>(segments.size()) < count) {
    Segment segment;
    segment.source = static_cast<int>(random.Between(0, std::ssize(streams) - 1));
    const SyntheticStream& stream = streams[static_cast<std::size_t>(segment.source)];
    segment.start = RandomTime(random, stream);
    segment.end = RandomTime(random, stream);
    if (random.Percent(30)) {
      segment.end = segment.start + stream.frame_interval() * Rational(random.Between(1, 80), 20);
    }
    if (random.Percent(5)) segment.end += Seconds(2);
    if (random.Percent(15) && !segments.empty() && segments.back().end < stream.end()) {
      segment.source = segments.back().source;
      segment.start = segments.back().end;
    }
    segment.heard = random.Percent(90);
    const Seconds source_end = streams[static_cast<std::size_t>(segment.source)].end();
    if (segment.start < segment.end && segment.start < source_end) segments.push_back(segment);
  }
  return segments;
}

std::vector<PlanSource> SourcesOf(const Streams& streams) {
  std::vector<PlanSource> sources;
  for (const SyntheticStream& stream : streams) {
    sources.push_back(stream.Source("camera " + std::to_string(sources.size())));
  }
  return sources;
}

std::vector<PlanSource> LazySources(const Streams& streams, const Edit& edit, RenderMode mode,
                                    Random& random) {
  std::vector<PlanSource> sources = SourcesOf(streams);
  const Seconds margin = PlanMargin(sources);
  const std::vector<RunRange> runs = JoinRuns(edit.segments);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    std::vector<RunRange> own;
    for (const RunRange& run : runs) {
      if (run.source == static_cast<int>(i)) own.push_back(run);
    }
    GopIndex index = LazyIndex(streams[i], own, margin, mode, random);
    index.SetHiddenOrdinals(sources[i].index.hidden_ordinals());
    sources[i].index = index;
  }
  return sources;
}

// The plan in words, or the error.
std::string PlanText(const Edit& edit, const std::vector<PlanSource>& sources, RenderMode mode) {
  PlanOptions options;
  options.mode = mode;
  try {
    return Text(MakePlan(edit, sources, options));
  } catch (const Error& error) {
    return std::string(ErrorCodeName(error.code())) + ": " + error.what();
  }
}

struct Case {
  Streams streams;
  Edit edit;
};

Case RandomCase(Random& random) {
  Case made;
  const bool one_rate = random.Percent(30);
  const Rate& shared = random.OneOf(Rates());
  for (std::int64_t i = random.Between(1, 5); i > 0; --i) {
    StreamPattern pattern = RandomPattern(random, one_rate ? shared : random.OneOf(Rates()));
    if (random.Percent(50)) MakeIrregular(random, pattern);
    made.streams.emplace_back(pattern);
  }
  made.edit.segments = RandomSegments(random, made.streams, static_cast<int>(random.Between(1, 8)));
  return made;
}

// Nothing when no picture falls to any segment.
std::optional<Plan> PlanOf(const Case& made) {
  try {
    return MakePlan(made.edit, SourcesOf(made.streams), PlanOptions());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfRange) << error.what();
    return std::nullopt;
  }
}

TEST(PlanProperties, EveryPictureIsWhereTheTimelineRulePutsIt) {
  ForSeeds(1'000'000, [](Random& random) {
    const Case made = RandomCase(random);
    const std::optional<Plan> plan = PlanOf(made);
    if (!plan) return;
    ExpectRuleKept(*plan, made.streams);
    if (testing::Test::HasFailure()) ADD_FAILURE() << Text(*plan);
  });
}

TEST(PlanProperties, StepsCoverTheirRunWithoutGapOrOverlap) {
  ForSeeds(2'000'000, [](Random& random) {
    const Case made = RandomCase(random);
    const std::optional<Plan> plan = PlanOf(made);
    if (!plan) return;
    ExpectNoGaps(*plan, made.streams);
    ExpectPlayable(*plan, made.streams);
  });
}

TEST(PlanProperties, EveryPictureHasATickOfItsOwnInTheOutputsTimeBase) {
  ForSeeds(9'000'000, [](Random& random) {
    const Case made = RandomCase(random);
    if (const std::optional<Plan> plan = PlanOf(made)) ExpectStampable(*plan, made.streams);
  });
}

TEST(PlanProperties, NoPictureIsEncodedThatCanBeCopied) {
  ForSeeds(3'000'000, [](Random& random) {
    const Case made = RandomCase(random);
    if (const std::optional<Plan> plan = PlanOf(made)) ExpectLeastEncoded(*plan, made.streams);
  });
}

// Closed GOPs of g pictures, b B-frames: at most g - 1 pictures before the copy and b behind it.
TEST(PlanProperties, ACutCostsAtMostAGopAndTheReordering) {
  ForSeeds(4'000'000, [](Random& random) {
    Case made;
    StreamPattern pattern = RandomPattern(random, random.OneOf(Rates()));
    pattern.idr_every = 1;
    made.streams.emplace_back(pattern);
    made.edit.segments = RandomSegments(random, made.streams, 4);
    const std::optional<Plan> plan = PlanOf(made);
    if (!plan) return;
    for (const PlannedRun& run : plan->runs) {
      std::int64_t encoded = 0;
      for (const VideoStep& step : run.steps) {
        if (step.kind == StepKind::kEncode) encoded += step.frames;
      }
      ASSERT_LE(encoded, pattern.gop_length - 1 + pattern.b_frames) << Text(*plan);
    }
  });
}

TEST(PlanProperties, ASegmentInTwoPiecesIsPlannedAsOne) {
  ForSeeds(5'000'000, [](Random& random) {
    Case made = RandomCase(random);
    const std::vector<PlanSource> sources = SourcesOf(made.streams);
    const std::string whole = PlanText(made.edit, sources, RenderMode::kHybrid);
    Edit split = made.edit;
    split.segments.clear();
    for (const Segment& segment : made.edit.segments) {
      const Seconds source_end = made.streams[static_cast<std::size_t>(segment.source)].end();
      const Seconds end = std::min(segment.end, source_end);
      const Seconds middle =
          segment.start + (end - segment.start) * Rational(random.Between(1, 99), 100);
      split.segments.push_back({segment.source, segment.start, middle, segment.heard});
      split.segments.push_back({segment.source, middle, segment.end, segment.heard});
    }
    ASSERT_EQ(PlanText(split, sources, RenderMode::kHybrid), whole);
  });
}

// What holds at every output frame of cameras that run at one rate: its middle decides. A tie goes
// to the run that ends there; where its source ends there too, either is right.
TEST(PlanProperties, CamerasOfOneRateGiveOneConstantIntervalWhateverTheirPhases) {
  ForSeeds(6'000'000, [](Random& random) {
    Case made;
    const Rate& rate = random.OneOf(Rates());
    for (std::int64_t i = random.Between(1, 5); i > 0; --i) {
      made.streams.emplace_back(RandomPattern(random, rate));
    }
    const Seconds frame = FromTicks(rate.frame_ticks, rate.time_base);
    made.edit.segments =
        RandomSegments(random, made.streams, static_cast<int>(random.Between(1, 9)));
    // What is asked for before the first picture would be shown of it, for longer than a frame.
    std::erase_if(made.edit.segments, [&](const Segment& s) { return s.start < frame + frame; });
    if (made.edit.segments.empty()) return;
    const std::optional<Plan> plan = PlanOf(made);
    if (!plan) return;

    std::vector<std::pair<int, std::int64_t>> shown;
    for (const PlannedRun& run : plan->runs) {
      if (run.steps.empty()) continue;
      const SyntheticStream& stream = made.streams[static_cast<std::size_t>(run.range.source)];
      for (const std::int64_t pts : PicturesIn(stream, run.first_pts, run.steps.back().end_pts)) {
        ASSERT_EQ(OutputTime(run, pts, rate.time_base), frame * Rational(std::ssize(shown)))
            << Text(*plan);
        shown.emplace_back(run.range.source, pts);
      }
    }
    ASSERT_EQ(plan->duration, frame * Rational(std::ssize(shown)));

    std::vector<std::pair<int, std::int64_t>> expected;
    for (const PlannedRun& run : plan->runs) {
      const SyntheticStream& stream = made.streams[static_cast<std::size_t>(run.range.source)];
      while (true) {
        const Seconds middle = frame * Rational(2 * std::ssize(expected) + 1, 2);
        const Seconds in_source = run.range.start + (middle - run.timeline_start);
        const std::pair last_picture(run.range.source, stream.shown_pts().back());
        const bool shows_last =
            expected.size() < shown.size() && shown[expected.size()] == last_picture;
        if (in_source > run.range.end || (in_source == stream.end() && !shows_last)) break;
        expected.emplace_back(run.range.source, stream.OnScreen(in_source));
      }
    }
    ASSERT_EQ(shown, expected) << Text(*plan);
  });
}

TEST(PlanProperties, AnIndexAroundTheCutsGivesThePlanOfTheWholeStream) {
  for (const RenderMode mode : {RenderMode::kHybrid, RenderMode::kCopy, RenderMode::kReencode}) {
    SCOPED_TRACE(RenderModeName(mode));
    ForSeeds(7'000'000, [&](Random& random) {
      const Case made = RandomCase(random);
      const std::string whole = PlanText(made.edit, SourcesOf(made.streams), mode);
      SCOPED_TRACE(whole);
      ASSERT_EQ(PlanText(made.edit, LazySources(made.streams, made.edit, mode, random), mode),
                whole);
    });
  }
}

// Runs grow to [K, C): K the last picture at or before the cut that a copy can begin with, C the
// first clean point behind.
TEST(PlanProperties, CopiesCoverWhatWasAskedFor) {
  ForSeeds(8'000'000, [](Random& random) {
    const Case made = RandomCase(random);
    PlanOptions options;
    options.mode = RenderMode::kCopy;
    std::optional<Plan> plan;
    try {
      plan = MakePlan(made.edit, SourcesOf(made.streams), options);
    } catch (const Error&) {
      return;  // The hybrid plan says more of what cannot be copied.
    }
    const Plan exact = *PlanOf(made);
    ExpectNoGaps(*plan, made.streams);
    ExpectPlayable(*plan, made.streams);
    ASSERT_EQ(plan->video.frames_encoded, 0);
    ASSERT_LE(plan->runs.size(), exact.runs.size());
    auto exact_run = exact.runs.begin();
    for (const PlannedRun& run : plan->runs) {
      while (exact_run->steps.empty()) ++exact_run;
      const SyntheticStream& stream = made.streams[static_cast<std::size_t>(run.range.source)];
      const VideoStep& copy = run.steps.front();
      ASSERT_EQ(run.steps.size(), 1U);
      ASSERT_LE(copy.first_pts, exact_run->first_pts);
      ASSERT_GE(copy.end_pts, exact_run->steps.back().end_pts);
      for (const IndexedPacket& packet : stream.packets()) {
        const bool between = packet.pts > copy.first_pts && packet.pts <= exact_run->first_pts;
        ASSERT_FALSE(CanBeginCopy(packet.kind) && packet.shown && between) << "a later K";
      }
      const std::int64_t wanted_end = exact_run->steps.back().end_pts;
      std::int64_t before_end = copy.end_pts - 1;
      if (before_end >= wanted_end) {
        const auto shorter = LongestCopy(stream, copy.first_pts, before_end);
        ASSERT_TRUE(!shorter || shorter->end_pts < wanted_end) << "an earlier C";
      }
      ++exact_run;
    }
  });
}

}  // namespace
}  // namespace opencut
