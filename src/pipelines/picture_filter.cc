#include "pipelines/picture_filter.h"

#include <iterator>
#include <utility>
#include <vector>

#include "base/error.h"
#include "media/convert.h"
#include "pipelines/light_filters.h"

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

// The scale filter's name for a matrix (ITU-T H.273, Table 4); "" where it knows none or none is
// told.
std::string MatrixName(const Colour& colour) {
  switch (colour.matrix) {
    case 1:
      return "bt709";
    case 4:
      return "fcc";
    case 5:
    case 6:
      return "smpte170m";
    case 7:
      return "smpte240m";
    case 9:
    case 10:
      return "bt2020";
    default:
      return "";
  }
}

bool SameNumbers(const Colour& from, const Colour& to) {
  const std::string matrix = MatrixName(from);
  const bool converted = !matrix.empty() && !MatrixName(to).empty() && matrix != MatrixName(to);
  return from.full_range == to.full_range && !converted;
}

// Told in full: left to itself, the filter gives limited range, whatever the encoder is told.
std::string Scale(const std::string& size, const Colour& from, const Colour& to) {
  const auto range = [](const Colour& colour) { return colour.full_range ? "full" : "limited"; };
  std::string scale = "scale=" + size + ":in_range=" + range(from) + ":out_range=" + range(to);
  if (!MatrixName(from).empty() && !MatrixName(to).empty()) {
    scale += ":in_color_matrix=" + MatrixName(from) + ":out_color_matrix=" + MatrixName(to);
  }
  return scale;
}

void Append(std::vector<std::string> more, std::vector<std::string>& filters) {
  filters.insert(filters.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

bool LiesOnItsSide(const std::optional<DisplayMatrix>& matrix) {
  return matrix && (RotationDegrees(*matrix) + 45) / 90 % 2 == 1;
}

// What samples measure once they are turned.
Rational TurnedAspect(const VideoParams& from, const VideoParams& to) {
  const bool swaps = LiesOnItsSide(from.display_matrix) != LiesOnItsSide(to.display_matrix);
  return swaps ? Rational(1) / from.sample_aspect_ratio : from.sample_aspect_ratio;
}

// Turned, scaled to fit with the proportions kept, given the output's light by `light`, and padded.
std::vector<std::string> ShapeFilters(const VideoParams& from, const VideoParams& to,
                                      const std::vector<std::string>& light) {
  std::vector<std::string> filters;
  if (from.display_matrix != to.display_matrix) {
    Append(UprightFilters(from.display_matrix), filters);
    Append(StoredFilters(to.display_matrix), filters);
  }
  const Rational stretch = TurnedAspect(from, to) / to.sample_aspect_ratio;
  if (stretch != Rational(1)) {
    const std::string wide = "w=trunc(iw*" + Ratio(stretch, '/') + "/2)*2:h=ih";
    filters.push_back(Scale(wide, from.colour, from.colour) + ",setsar=1");
  }
  const std::string size = std::to_string(to.width) + ":" + std::to_string(to.height);
  const std::string fit = size + ":force_original_aspect_ratio=decrease";
  if (light.empty()) {
    filters.push_back(Scale(fit, from.colour, to.colour));
  } else {
    // zscale takes no picture that ends within a sample of chroma.
    filters.push_back(Scale(fit + ":force_divisible_by=2", from.colour, from.colour));
    Append(light, filters);
  }
  filters.push_back("pad=" + size + ":(ow-iw)/2:(oh-ih)/2");
  filters.push_back("setsar=" + Ratio(to.sample_aspect_ratio, '/'));
  return filters;
}

}  // namespace

std::optional<std::string> FilterDescription(const VideoParams& from, const VideoParams& to,
                                             const Rational& time_base) {
  const bool lights = ShowsOtherLight(from, to) && CanConvertLight();
  const bool scales = !SamePicture(from, to) || from.pixel_format != to.pixel_format ||
                      !SameNumbers(from.colour, to.colour) || lights;
  const bool deinterlaces = from.interlaced && !to.interlaced;
  if (!scales && !deinterlaces) return std::nullopt;
  std::vector<std::string> filters;
  // Frames that the decoder says are progressive go through. The filter halves the time base.
  if (deinterlaces) {
    filters.push_back("bwdif=mode=send_frame:deint=interlaced");
    filters.push_back("settb=" + Ratio(time_base, '/'));
  }
  // A "yuvj" format is the only way to tell the filter that pads that black is 0.
  const bool full_range = scales && to.colour.full_range;
  const std::string format = full_range ? FullRangeFormatName(to.pixel_format) : to.pixel_format;
  std::vector<std::string> light;
  if (lights) light = LightFilters(from, to, format);
  if (!SamePicture(from, to)) {
    Append(ShapeFilters(from, to, light), filters);
  } else if (lights) {
    Append(light, filters);
  } else if (scales) {
    // Chroma rows of the two fields are not to be mixed.
    filters.push_back(Scale(to.interlaced ? "iw:ih:interl=1" : "iw:ih", from.colour, to.colour));
  }
  filters.push_back("format=" + format);
  return Joined(filters);
}

PictureFilter::PictureFilter(const VideoParams& from, const VideoParams& to,
                             const Rational& time_base, int threads)
    : source_(from), from_(from), to_(to), time_base_(time_base), threads_(threads) {}

void PictureFilter::BuildFor(const Frame& frame) {
  Close();
  // What the container says of the shape of samples holds for the size it names.
  const bool is_named = frame.width() == source_.width && frame.height() == source_.height;
  const Rational coded_aspect = frame.sample_aspect_ratio();
  from_.sample_aspect_ratio =
      is_named || coded_aspect <= Rational(0) ? source_.sample_aspect_ratio : coded_aspect;
  built_ = true;
  from_.width = frame.width();
  from_.height = frame.height();
  from_.pixel_format = frame.pixel_format();
  const std::optional<std::string> description = FilterDescription(from_, to_, time_base_);
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

void PictureFilter::Push(Frame frame) {
  const bool changed = frame.width() != from_.width || frame.height() != from_.height ||
                       frame.pixel_format() != from_.pixel_format;
  if (!built_ || changed) BuildFor(frame);
  // Decoders of HEVC say it of fields that are pictures of their own.
  if (!from_.interlaced) frame.MarkProgressive();
  ++inside_;
  if (graph_) {
    graph_->Push(frame);
    TakeFiltered();
  } else {
    ready_.push_back(std::move(frame));
  }
}

void PictureFilter::TakeFiltered() {
  while (std::optional<Frame> frame = graph_->Pull()) ready_.push_back(std::move(*frame));
}

std::optional<Frame> PictureFilter::Pull() {
  if (ready_.empty()) return std::nullopt;
  Frame frame = std::move(ready_.front());
  ready_.pop_front();
  --inside_;
  return frame;
}

void PictureFilter::Close() {
  if (!graph_) return;
  graph_->Close();
  TakeFiltered();
  graph_.reset();
  built_ = false;
  if (static_cast<std::int64_t>(ready_.size()) != inside_) {
    throw Error(ErrorCode::kExec, "the picture filter did not give a picture for each one");
  }
}

}  // namespace opencut
