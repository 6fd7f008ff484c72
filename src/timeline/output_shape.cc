#include "timeline/output_shape.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace opencut {
namespace {

constexpr std::int64_t kFinestTimescale = 240'000;
constexpr std::int64_t kCoarsestTimescale = 10'000;
// Of a time base that the sources share. 600 is QuickTime's.
constexpr std::int64_t kCoarsestSharedTimescale = 600;
constexpr std::int64_t kDefaultTimescale = 90'000;

const PlanSource& At(const std::vector<PlanSource>& sources, int index) {
  return sources[static_cast<std::size_t>(index)];
}

std::set<int> UsedSources(const std::vector<RunRange>& runs) {
  std::set<int> used;
  for (const RunRange& run : runs) used.insert(run.source);
  return used;
}

// How many output pictures come from each source. Doubles, since an end may lie far beyond its
// source.
std::vector<double> PicturesOf(const std::vector<RunRange>& runs,
                               const std::vector<PlanSource>& sources) {
  std::vector<double> pictures(sources.size(), 0);
  for (const RunRange& run : runs) {
    pictures[static_cast<std::size_t>(run.source)] +=
        (run.end - run.start).ToDouble() / At(sources, run.source).frame_interval.ToDouble();
  }
  return pictures;
}

void FillUnspecified(Colour& colour, const Colour& from) {
  if (colour.matrix == Colour::kUnspecified) colour.matrix = from.matrix;
  if (colour.primaries == Colour::kUnspecified) colour.primaries = from.primaries;
  if (colour.transfer == Colour::kUnspecified) colour.transfer = from.transfer;
}

std::optional<std::string> WhyNotCopied(const PlanSource& source, const VideoParams& shape) {
  if (!source.not_copyable.empty()) return source.not_copyable;
  return WhyNotShared(*source.video, shape);
}

// The sources that can be copied in the shape of `candidate`. Those with most pictures come first:
// one that specifies what `candidate` leaves open shuts out those that specify it otherwise.
OutputShape ShapeOf(int candidate, const std::vector<int>& by_pictures,
                    const std::vector<PlanSource>& sources) {
  OutputShape shape;
  shape.template_source = candidate;
  shape.params = *At(sources, candidate).video;
  shape.not_copyable.resize(sources.size(), "not used");
  for (const int used : by_pictures) {
    const PlanSource& source = At(sources, used);
    const std::optional<std::string> reason = WhyNotCopied(source, shape.params);
    shape.not_copyable[static_cast<std::size_t>(used)] = reason.value_or(std::string());
    if (!reason) FillUnspecified(shape.params.colour, source.video->colour);
  }
  return shape;
}

double CopiedPictures(const OutputShape& shape, const std::vector<double>& pictures) {
  double copied = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (shape.not_copyable[i].empty()) copied += pictures[i];
  }
  return copied;
}

void WarnOfColour(OutputShape& shape, const std::vector<PlanSource>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!shape.not_copyable[i].empty() || !AssumedColour(*sources[i].video, shape.params)) continue;
    shape.warnings.push_back(
        {"COLOR_UNSPECIFIED",
         sources[i].name + " does not say all of its colour description; it is taken to have that "
                           "of the sources copied beside it",
         std::nullopt});
  }
}

int Even(std::int64_t size) { return static_cast<int>(std::max<std::int64_t>(size / 2 * 2, 2)); }

// Square pixels: neither side is made smaller than it was coded.
std::pair<Rational, Rational> ShownSize(const VideoParams& video) {
  Rational width = video.width;
  Rational height = video.height;
  const Rational& aspect = video.sample_aspect_ratio;
  if (aspect > Rational(1)) width = width * aspect;
  if (aspect > Rational(0) && aspect < Rational(1)) height = height / aspect;
  if (video.display_matrix && RotationDegrees(*video.display_matrix) % 180 == 90) {
    std::swap(width, height);
  }
  return {width, height};
}

}  // namespace

OutputShape ElectShape(const std::vector<RunRange>& runs, const std::vector<PlanSource>& sources) {
  const std::vector<double> pictures = PicturesOf(runs, sources);
  const std::set<int> used = UsedSources(runs);
  std::vector<int> by_pictures(used.begin(), used.end());
  std::stable_sort(by_pictures.begin(), by_pictures.end(), [&](int a, int b) {
    return pictures[static_cast<std::size_t>(a)] > pictures[static_cast<std::size_t>(b)];
  });
  const int first = runs.front().source;
  OutputShape elected = ShapeOf(first, by_pictures, sources);
  double most = At(sources, first).not_copyable.empty() ? CopiedPictures(elected, pictures) : 0;
  for (const int candidate : used) {
    if (!At(sources, candidate).not_copyable.empty()) continue;
    OutputShape shape = ShapeOf(candidate, by_pictures, sources);
    const double copied = CopiedPictures(shape, pictures);
    if (copied <= most) continue;
    most = copied;
    elected = std::move(shape);
  }
  WarnOfColour(elected, sources);
  return elected;
}

VideoParams EncodedShape(const VideoParams& elected, const Edit& edit, const Rational& usual_rate) {
  VideoParams shape = elected;
  const auto [shown_width, shown_height] = ShownSize(elected);
  Rational width = shown_width;
  Rational height = shown_height;
  if (edit.width) {
    width = *edit.width;
    if (!edit.height) height = width * shown_height / shown_width;
  }
  if (edit.height) {
    height = *edit.height;
    if (!edit.width) width = height * shown_width / shown_height;
  }
  const auto whole = [](const Rational& size) { return ToTicks(size, 1, Rounding::kNearest); };
  shape.width = edit.width ? *edit.width : Even(whole(width));
  shape.height = edit.height ? *edit.height : Even(whole(height));
  shape.coded_width = shape.width;
  shape.coded_height = shape.height;
  shape.sample_aspect_ratio = 1;
  shape.display_matrix.reset();
  shape.interlaced = false;
  if (edit.frame_rate) shape.frame_rate = *edit.frame_rate;
  if (shape.frame_rate <= Rational(0)) shape.frame_rate = usual_rate;
  return shape;
}

Rational ElectTimeBase(const std::vector<RunRange>& runs, const std::vector<PlanSource>& sources) {
  const std::set<int> used = UsedSources(runs);
  const Rational& first = At(sources, *used.begin()).video_time_base;
  const bool all_alike = std::all_of(
      used.begin(), used.end(), [&](int i) { return At(sources, i).video_time_base == first; });
  if (all_alike && first.num() == 1 && first.den() >= kCoarsestSharedTimescale) return first;
  std::int64_t timescale = all_alike ? first.den() : 1;
  for (const int i : used) {
    const Rational& rate = At(sources, i).video->frame_rate;
    if (rate <= Rational(0)) return Rational(1, kDefaultTimescale);
    timescale = LeastCommonMultiple(timescale, rate.num(), kFinestTimescale);
    if (timescale > kFinestTimescale) return Rational(1, kDefaultTimescale);
  }
  while (timescale < kCoarsestTimescale) timescale *= 10;
  return Rational(1, timescale);
}

}  // namespace opencut
