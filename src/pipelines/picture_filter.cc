#include "pipelines/picture_filter.h"

#include <utility>
#include <vector>

#include "base/error.h"

namespace opencut {
namespace {

// Filters that turn a picture upright as its display matrix says. The matrix maps stored to shown
// coordinates; a negative determinant means that it also mirrors.
std::vector<std::string> UprightFilters(const std::optional<DisplayMatrix>& matrix) {
  if (!matrix) return {};
  const DisplayMatrix& m = *matrix;
  const bool mirrored = static_cast<double>(m[0]) * m[4] - static_cast<double>(m[1]) * m[3] < 0;
  std::vector<std::string> filters;
  switch ((RotationDegrees(m) + 45) / 90 % 4) {
    case 1:
      filters.push_back(mirrored ? "transpose=cclock_flip" : "transpose=clock");
      break;
    case 2:
      filters.push_back("hflip");
      if (!mirrored) filters.push_back("vflip");
      break;
    case 3:
      filters.push_back(mirrored ? "transpose=clock_flip" : "transpose=cclock");
      break;
    default:
      if (mirrored) filters.push_back("vflip");
      break;
  }
  return filters;
}

// The inverse of UprightFilters: mirrored turns are their own inverses.
std::vector<std::string> StoredFilters(const std::optional<DisplayMatrix>& matrix) {
  std::vector<std::string> filters = UprightFilters(matrix);
  for (std::string& filter : filters) {
    if (filter == "transpose=clock") {
      filter = "transpose=cclock";
    } else if (filter == "transpose=cclock") {
      filter = "transpose=clock";
    }
  }
  return filters;
}

std::string Joined(const std::vector<std::string>& filters) {
  std::string text;
  for (const std::string& filter : filters) text += (text.empty() ? "" : ",") + filter;
  return text;
}

std::string Ratio(const Rational& value, char separator) {
  return std::to_string(value.num()) + separator + std::to_string(value.den());
}

bool SamePicture(const VideoParams& from, const VideoParams& to) {
  return from.width == to.width && from.height == to.height &&
         from.sample_aspect_ratio == to.sample_aspect_ratio &&
         from.display_matrix == to.display_matrix;
}

}  // namespace

std::optional<std::string> FilterDescription(const VideoParams& from, const VideoParams& to) {
  const bool same_range = from.colour.full_range == to.colour.full_range;
  if (SamePicture(from, to) && from.pixel_format == to.pixel_format && same_range) {
    return std::nullopt;
  }
  std::vector<std::string> filters;
  if (!SamePicture(from, to)) {
    const bool turned = from.display_matrix != to.display_matrix;
    if (turned) filters = UprightFilters(from.display_matrix);
    if (turned) {
      for (std::string& filter : StoredFilters(to.display_matrix)) filters.push_back(filter);
    }
    const Rational stretch = from.sample_aspect_ratio / to.sample_aspect_ratio;
    if (stretch != Rational(1)) {
      filters.push_back("scale=w=trunc(iw*" + Ratio(stretch, '/') + "/2)*2:h=ih,setsar=1");
    }
    const std::string size = std::to_string(to.width) + ":" + std::to_string(to.height);
    filters.push_back("scale=" + size + ":force_original_aspect_ratio=decrease");
    filters.push_back("pad=" + size + ":(ow-iw)/2:(oh-ih)/2");
    filters.push_back("setsar=" + Ratio(to.sample_aspect_ratio, '/'));
  }
  if (!same_range) {
    filters.push_back(std::string("scale=in_range=") +
                      (from.colour.full_range ? "full" : "limited") +
                      ":out_range=" + (to.colour.full_range ? "full" : "limited"));
  }
  filters.push_back("format=" + to.pixel_format);
  return Joined(filters);
}

PictureFilter::PictureFilter(const VideoParams& from, const VideoParams& to,
                             const Rational& time_base, int threads)
    : source_(from), from_(from), to_(to), time_base_(time_base), threads_(threads) {}

void PictureFilter::BuildFor(const Frame& frame) {
  // What the container says of the shape of samples holds for the size it names.
  const bool is_named = frame.width() == source_.width && frame.height() == source_.height;
  const Rational coded_aspect = frame.sample_aspect_ratio();
  from_.sample_aspect_ratio =
      is_named || coded_aspect <= Rational(0) ? source_.sample_aspect_ratio : coded_aspect;
  built_ = true;
  from_.width = frame.width();
  from_.height = frame.height();
  from_.pixel_format = frame.pixel_format();
  graph_.reset();
  const std::optional<std::string> description = FilterDescription(from_, to_);
  if (!description) return;
  VideoFilterInput input;
  input.width = frame.width();
  input.height = frame.height();
  input.pixel_format = frame.pixel_format();
  input.time_base = time_base_;
  input.sample_aspect_ratio = from_.sample_aspect_ratio;
  input.colour = from_.colour;
  graph_.emplace(input, *description, threads_);
}

Frame PictureFilter::Apply(Frame frame) {
  const bool changed = frame.width() != from_.width || frame.height() != from_.height ||
                       frame.pixel_format() != from_.pixel_format;
  if (!built_ || changed) BuildFor(frame);
  if (!graph_) return frame;
  graph_->Push(frame);
  std::optional<Frame> filtered = graph_->Pull();
  if (!filtered) throw Error(ErrorCode::kExec, "the picture filter gave nothing");
  return std::move(*filtered);
}

}  // namespace opencut
