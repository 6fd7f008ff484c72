#include "timeline/planner.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "timeline/dolby_vision_plan.h"
#include "timeline/field_plan.h"
#include "timeline/output_shape.h"
#include "timeline/picture_clock.h"
#include "timeline/placement.h"
#include "timeline/sound_plan.h"
#include "timeline/video_steps.h"

namespace opencut {
namespace {

constexpr std::int64_t kContainerBytes = 64 * 1024;
constexpr std::int64_t kAssumedBitRate = 8'000'000;

std::string SegmentName(int segment) { return "segment " + std::to_string(segment); }

std::string Milliseconds(const Seconds& value) {
  return std::to_string(ToTicks(value, Rational(1, 1000), Rounding::kNearest)) + " ms";
}

std::string FramesPerSecond(const Rational& rate) {
  return std::to_string(rate.num()) + (rate.den() == 1 ? "" : "/" + std::to_string(rate.den())) +
         " frames per second";
}

// Whether pictures of `shape` are what the editor's canvas asks for. 30 is not 30000/1001.
bool SameCanvas(const Edit& edit, const VideoParams& shape) {
  const bool turned = shape.display_matrix && RotationDegrees(*shape.display_matrix) % 180 == 90;
  const int width = turned ? shape.height : shape.width;
  const int height = turned ? shape.width : shape.height;
  if (edit.width.value_or(width) != width || edit.height.value_or(height) != height) return false;
  const Rational rate = edit.frame_rate.value_or(shape.frame_rate);
  return Abs(rate - shape.frame_rate) * Rational(2000) <= shape.frame_rate;
}

class Planner {
 public:
  Planner(const Edit& edit, const std::vector<PlanSource>& sources, const PlanOptions& options)
      : edit_(edit), sources_(sources), options_(options) {
    for (const PlanSource& source : sources) clocks_.emplace_back(source);
  }

  Plan Make() {
    plan_.mode = ChooseMode(edit_, options_);
    plan_.format = edit_.format;
    ClampRuns();
    PlanPictures();
    PlanFields(sources_, plan_);
    PlanDolbyVision(sources_, plan_);
    WarnOfLight();
    PlanSound(edit_, sources_, options_, plan_);
    EstimateSize();
    Refuse();
    return std::move(plan_);
  }

 private:
  const PlanSource& SourceOf(const RunRange& range) const {
    return sources_[static_cast<std::size_t>(range.source)];
  }
  const PictureClock& ClockOf(const RunRange& range) const {
    return clocks_[static_cast<std::size_t>(range.source)];
  }

  // Ends beyond a source are drawn in; a start beyond it is an error.
  void ClampRuns() {
    for (RunRange range : JoinRuns(edit_.segments)) {
      const PlanSource& source = SourceOf(range);
      if (!source.video) {
        throw Error(ErrorCode::kPlanUnsupported, source.name + " has no picture",
                    {.path = source.name, .source = range.source, .segment = range.first_segment},
                    "every segment needs a source with a video stream");
      }
      if (const std::optional<Seconds> end = ClockOf(range).End()) ClampTo(*end, range);
      ranges_.push_back(range);
    }
  }

  void ClampTo(const Seconds& end, RunRange& range) {
    const PlanSource& source = SourceOf(range);
    for (int i = range.first_segment; i <= range.last_segment; ++i) {
      if (edit_.segments[static_cast<std::size_t>(i)].start < end) continue;
      throw Error(ErrorCode::kOutOfRange,
                  SegmentName(i) + " starts at or beyond the end of " + source.name + " (" +
                      Milliseconds(end) + ")",
                  {.path = source.name, .source = range.source, .segment = i});
    }
    if (range.end <= end) return;
    Warn("END_CLAMPED",
         SegmentName(range.last_segment) + " ends at " + Milliseconds(range.end) +
             ", beyond the end of " + source.name + "; it is cut there, at " + Milliseconds(end),
         range.last_segment);
    range.end = end;
  }

  void Warn(std::string code, std::string message, std::optional<int> segment) {
    plan_.warnings.push_back({std::move(code), std::move(message), segment});
  }

  void PlanPictures() {
    shape_ = ElectShape(ranges_, sources_);
    plan_.video.shape = shape_.params;
    if (plan_.mode == RenderMode::kReencode) {
      PlaceByTime();
      ShapeForCanvas();
    } else {
      PlaceByFrames();
      ShapeForCopies();
      WarnOfCopies();
    }
    if (plan_.video.frames_copied + plan_.video.frames_encoded > 0) return;
    throw Error(ErrorCode::kOutOfRange, "no segment is long enough to show a frame of its source",
                {.source = ranges_.front().source, .segment = ranges_.front().first_segment});
  }

  // Mode reencode takes pictures at the output's own instants: a run begins and ends where it was
  // asked to.
  void PlaceByTime() {
    for (const RunRange& range : ranges_) {
      PlannedRun run;
      run.range = range;
      run.timeline_start = plan_.timeline_end;
      run.picture_start = plan_.timeline_end;
      run.in_point = range.start;
      run.out_point = range.end;
      run.first_pts = ClockOf(range).OnScreen(range.start).pts;
      run.steps = {DecodeStep(ClockOf(range), range)};
      plan_.timeline_end += run.length();
      plan_.runs.push_back(std::move(run));
    }
  }

  // A run shows the pictures whose middles lie in its part of the timeline.
  void PlaceOnGrid(PlannedRun& run) const {
    const Rational& interval = plan_.video.time_base;
    const auto first_picture = [&](const Seconds& time) {
      const std::int64_t picture = ToTicks(time - interval / Rational(2), interval, Rounding::kUp);
      return std::clamp<std::int64_t>(picture, 0, plan_.video.frames_encoded);
    };
    const bool last = &run == &plan_.runs.back();
    const std::int64_t first = first_picture(run.timeline_start);
    const std::int64_t end =
        last ? plan_.video.frames_encoded : first_picture(run.timeline_start + run.length());
    VideoStep& step = run.steps.front();
    step.frames = end - first;
    step.out_start = FromTicks(first, interval);
    step.out_end = FromTicks(end, interval);
    step.reason = "the output is encoded anew";
  }

  // Places every run by the timeline rule. In mode copy each run then grows to whole GOPs, and the
  // runs behind it move along.
  void PlaceByFrames() {
    Seconds asked_for;     // T by the rule.
    Seconds pictures_end;  // P by the rule.
    for (const RunRange& range : ranges_) {
      const PlanSource& source = SourceOf(range);
      const PictureClock& clock = ClockOf(range);
      const std::optional<Placement> placement =
          PlaceRun(range, pictures_end - asked_for, clock, source.frame_interval);
      PlannedRun run;
      run.range = range;
      run.timeline_start = asked_for;
      run.picture_start = pictures_end;
      run.in_point = placement ? placement->in_point : range.start;
      run.out_point = placement ? placement->out_point : range.start;
      run.first_pts = placement ? placement->first_pts : clock.OnScreen(range.start).pts;
      run.copyable = NotCopyable(range.source).empty();
      asked_for += run.length();
      pictures_end = run.picture_end();
      if (!placement) {
        WarnOfDrop(range);
        if (plan_.mode == RenderMode::kCopy) continue;
      } else if (plan_.mode == RenderMode::kCopy) {
        GrowToGops(run, *placement);
      } else {
        run.steps = HybridSteps(source, clock, *placement, NotCopyable(range.source));
      }
      PlaceSteps(run);
      plan_.duration = run.picture_end();
      plan_.timeline_end = run.timeline_start + run.length();
      plan_.runs.push_back(std::move(run));
    }
  }

  void WarnOfDrop(const RunRange& range) {
    Warn("SEGMENT_DROPPED",
         SegmentName(range.first_segment) + " is shorter than a frame of " + SourceOf(range).name +
             " and shows none",
         range.first_segment);
  }

  const std::string& NotCopyable(int source) const {
    return shape_.not_copyable[static_cast<std::size_t>(source)];
  }

  void GrowToGops(PlannedRun& run, const Placement& placement) {
    const PlanSource& source = SourceOf(run.range);
    std::string reason = NotCopyable(run.range.source);
    std::optional<VideoStep> step;
    if (reason.empty()) {
      step = CopyStep(source, ClockOf(run.range), placement);
      if (!step)
        reason =
            "no whole groups of pictures that begin with an IDR picture (HEVC: any random access "
            "picture), all with the parameter sets of the header, cover it";
    }
    if (!step) {
      throw Error(
          ErrorCode::kPlanUnsupported,
          SegmentName(run.range.first_segment) + " of " + source.name +
              " cannot be copied: " + reason,
          {.path = source.name, .source = run.range.source, .segment = run.range.first_segment},
          "use mode \"hybrid\", which encodes what cannot be copied");
    }
    run.timeline_start = plan_.duration;
    run.picture_start = plan_.duration;
    run.in_point = FromTicks(step->first_pts, source.video_time_base);
    run.out_point = FromTicks(step->end_pts, source.video_time_base);
    run.first_pts = step->first_pts;
    run.range.start = run.in_point;
    run.range.end = run.out_point;
    run.steps = {*step};
  }

  void PlaceSteps(PlannedRun& run) {
    const Rational& time_base = SourceOf(run.range).video_time_base;
    for (VideoStep& step : run.steps) {
      step.out_start = OutputTime(run, step.first_pts, time_base);
      step.out_end = run.picture_start + (FromTicks(step.end_pts, time_base) - run.in_point);
      if (&step == &run.steps.back()) step.out_end = run.picture_end();
      const bool copied = step.kind == StepKind::kCopy;
      (copied ? plan_.video.frames_copied : plan_.video.frames_encoded) += step.frames;
      if (!copied) plan_.encoded += step.out_end - step.out_start;
    }
  }

  void ShapeForCopies() {
    plan_.video.time_base = ElectTimeBase(ranges_, sources_);
    for (const PlannedRun& run : plan_.runs) {
      for (const VideoStep& step : run.steps) {
        if (step.kind == StepKind::kCopy) AddCopiedSource(run.range.source);
      }
    }
    VideoParams& shape = plan_.video.shape;
    if (shape.frame_rate <= Rational(0)) shape.frame_rate = UsualRate();
    if (plan_.video.copied_sources.empty()) {
      const VideoParams& wanted = plan_.video.shape;
      SetEncoder(wanted.codec == "hevc" || wanted.bit_depth > 8 ? "libx265" : "libx264");
    } else if (plan_.video.frames_encoded > 0) {
      plan_.video.encoder = shape.codec == "hevc" ? "libx265" : "libx264";
    }
  }

  // Nothing is copied: the output's headers are the encoder's.
  void SetEncoder(const std::string& encoder) {
    plan_.video.encoder = encoder;
    VideoParams& shape = plan_.video.shape;
    shape.codec = encoder == "libx264" ? "h264" : encoder == "libx265" ? "hevc" : "vp9";
    shape.profile.clear();
    shape.level = 0;
    shape.extradata.clear();
  }

  void AddCopiedSource(int source) {
    std::vector<int>& copied = plan_.video.copied_sources;
    if (std::find(copied.begin(), copied.end(), source) != copied.end()) return;
    copied.insert(source == shape_.template_source ? copied.begin() : copied.end(), source);
    plan_.video.reorder_depth = std::max(
        plan_.video.reorder_depth, sources_[static_cast<std::size_t>(source)].video->reorder_depth);
  }

  void WarnOfCopies() {
    plan_.warnings.insert(plan_.warnings.end(), shape_.warnings.begin(), shape_.warnings.end());
    std::set<int> named;
    for (const RunRange& range : ranges_) {
      if (NotCopyable(range.source).empty() || !named.insert(range.source).second) continue;
      Warn("SOURCE_REENCODED",
           SourceOf(range).name + " is encoded anew: " + NotCopyable(range.source),
           range.first_segment);
    }
    const VideoParams& shape = plan_.video.shape;
    if (SameCanvas(edit_, shape)) return;
    Warn("CANVAS_IGNORED",
         "the canvas is not as the sources are (" + std::to_string(shape.width) + "x" +
             std::to_string(shape.height) + ", " + FramesPerSecond(shape.frame_rate) +
             "), which a copy keeps",
         std::nullopt);
  }

  // The canvas decides size and rate.
  void ShapeForCanvas() {
    plan_.video.shape = EncodedShape(plan_.video.shape, edit_, UsualRate());
    SetEncoder(edit_.format == OutputFormat::kWebm ? "libvpx-vp9"
               : edit_.codec == OutputCodec::kH265 ? "libx265"
                                                   : "libx264");
    plan_.video.time_base = Rational(1) / plan_.video.shape.frame_rate;
    plan_.video.frames_encoded =
        ToTicks(plan_.timeline_end, plan_.video.time_base, Rounding::kNearest);
    plan_.duration = FromTicks(plan_.video.frames_encoded, plan_.video.time_base);
    plan_.encoded = plan_.duration;
    for (PlannedRun& run : plan_.runs) PlaceOnGrid(run);
  }

  // For sources that do not say.
  Rational UsualRate() const {
    return FrameRateFromDouble(1 / SourceOf(ranges_.front()).frame_interval.ToDouble());
  }

  void WarnOfLight() {
    if (options_.can_convert_light) return;
    std::set<int> named;
    for (const PlannedRun& run : plan_.runs) {
      const PlanSource& source = SourceOf(run.range);
      if (run.copyable || !ShowsOtherLight(*source.video, plan_.video.shape)) continue;
      if (!named.insert(run.range.source).second) continue;
      Warn(
          "COLOR_NOT_CONVERTED",
          "pictures of " + source.name +
              " look different in the output, whose colours are others: this FFmpeg cannot convert "
              "them",
          run.range.first_segment);
    }
  }

  void EstimateSize() {
    double bytes = 0;
    for (const PlannedRun& run : plan_.runs) {
      const std::int64_t known = SourceOf(run.range).bit_rate;
      const double rate = static_cast<double>(
          options_.video_bit_rate.value_or(known > 0 ? known : kAssumedBitRate));
      for (const VideoStep& step : run.steps) {
        bytes += step.kind == StepKind::kCopy
                     ? static_cast<double>(step.source_bytes)
                     : (step.out_end - step.out_start).ToDouble() * rate * 1.5 / 8;
      }
    }
    if (plan_.audio) {
      bytes += plan_.timeline_end.ToDouble() * static_cast<double>(options_.audio_bit_rate) / 8;
    }
    const auto samples = plan_.video.frames_copied + plan_.video.frames_encoded;
    plan_.estimated_bytes = static_cast<std::int64_t>(bytes) + samples * 45 + kContainerBytes;
  }

  void Refuse() const {
    const double encoded = plan_.encoded.ToDouble();
    if (options_.max_encoded_seconds && encoded > *options_.max_encoded_seconds) {
      throw Error(ErrorCode::kPlanUnsupported,
                  "the plan encodes " + Milliseconds(plan_.encoded) + ", more than allowed", {},
                  "raise maxEncodedSeconds, or cut at keyframes");
    }
    if (options_.fallback != Fallback::kFail || plan_.mode != RenderMode::kHybrid) return;
    for (const PlannedRun& run : plan_.runs) {
      const auto step = std::find_if(run.steps.begin(), run.steps.end(),
                                     [](const VideoStep& one) { return one.is_fallback; });
      if (step == run.steps.end()) continue;
      throw Error(ErrorCode::kPlanUnsupported,
                  SourceOf(run.range).name + " would have to be encoded anew: " + step->reason,
                  {.path = SourceOf(run.range).name,
                   .source = run.range.source,
                   .segment = run.range.first_segment},
                  "allow it with fallback: \"reencode\"");
    }
  }

  const Edit& edit_;
  const std::vector<PlanSource>& sources_;
  const PlanOptions& options_;
  std::vector<PictureClock> clocks_;
  std::vector<RunRange> ranges_;
  OutputShape shape_;
  Plan plan_;
};

}  // namespace

std::string_view RenderModeName(RenderMode mode) {
  switch (mode) {
    case RenderMode::kCopy:
      return "copy";
    case RenderMode::kHybrid:
      return "hybrid";
    case RenderMode::kReencode:
      return "reencode";
  }
  return "hybrid";
}

std::string_view AudioModeName(AudioMode mode) {
  switch (mode) {
    case AudioMode::kCopy:
      return "copy";
    case AudioMode::kSmart:
      return "smart";
    case AudioMode::kExact:
      return "exact";
  }
  return "exact";
}

Seconds OutputTime(const PlannedRun& run, std::int64_t pts, const Rational& source_time_base) {
  if (pts == run.first_pts) return run.picture_start;
  return run.picture_start + (FromTicks(pts, source_time_base) - run.in_point);
}

RenderMode ChooseMode(const Edit& edit, const PlanOptions& options) {
  if (edit.format == OutputFormat::kWebm) {
    if (edit.codec != OutputCodec::kCopy) {
      throw Error(ErrorCode::kPlanUnsupported, "WebM holds neither H.264 nor H.265",
                  {.json_path = "output.codec"},
                  "use format \"mp4\", or codec \"copy\", which writes VP9 and Opus into WebM");
    }
    if (options.mode && *options.mode != RenderMode::kReencode) {
      throw Error(ErrorCode::kPlanUnsupported, "a WebM output is always encoded anew", {},
                  "use mode \"auto\" or \"reencode\", or format \"mp4\"");
    }
    return RenderMode::kReencode;
  }
  if (options.mode) return *options.mode;
  return edit.codec == OutputCodec::kCopy ? RenderMode::kHybrid : RenderMode::kReencode;
}

Seconds PlanMargin(const std::vector<PlanSource>& sources) {
  // P lies at most half a frame from T, and a boundary at most half a frame from its asked-for
  // time.
  Seconds longest(1, 100);
  for (const PlanSource& source : sources) longest = std::max(longest, source.frame_interval);
  return longest * Rational(2) + Seconds(1, 100);
}

Plan MakePlan(const Edit& edit, const std::vector<PlanSource>& sources,
              const PlanOptions& options) {
  return Planner(edit, sources, options).Make();
}

}  // namespace opencut
