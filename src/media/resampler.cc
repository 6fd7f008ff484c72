#include "media/resampler.h"

#include <algorithm>
#include <vector>

namespace opencut {

namespace {

// The filter looks this far ahead several times over.
constexpr int kTrailingSilenceSamples = 1024;

Frame Silence(int sample_rate, AVSampleFormat format, const ChannelLayout& layout,
              int sample_count) {
  Frame frame;
  AVFrame* libav = frame.get();
  libav->sample_rate = sample_rate;
  libav->format = format;
  libav->nb_samples = sample_count;
  Check(av_channel_layout_copy(&libav->ch_layout, &layout.get()), "copy a channel layout");
  Check(av_frame_get_buffer(libav, 0), "allocate samples");
  av_samples_set_silence(libav->extended_data, 0, sample_count, layout.channels(), format);
  return frame;
}

}  // namespace

Resampler::Resampler(int input_rate, const std::string& input_format,
                     const std::string& input_layout, int output_rate,
                     const std::string& output_layout)
    : input_rate_(input_rate),
      output_rate_(output_rate),
      input_format_(ParseSampleFormat(input_format)),
      input_layout_(input_layout),
      output_layout_(output_layout) {
  const std::string operation = "convert " + input_layout + " sound of " +
                                std::to_string(input_rate) + " Hz to " + output_layout + " of " +
                                std::to_string(output_rate) + " Hz";
  SwrContext* swr = nullptr;
  Check(AllocateSwr(&swr, output_layout_.get(), AV_SAMPLE_FMT_FLTP, output_rate,
                    input_layout_.get(), input_format_, input_rate),
        operation, ErrorCode::kPlanUnsupported);
  swr_.reset(swr);
  Check(swr_init(swr), operation, ErrorCode::kPlanUnsupported);
}

std::optional<Frame> Resampler::Convert(const Frame& frame) {
  const AVFrame& libav = *frame.get();
  if (libav.format != input_format_ || libav.sample_rate != input_rate_ ||
      !(ChannelLayout(libav.ch_layout) == input_layout_)) {
    throw Error(ErrorCode::kExec, "the format of the sound changed in mid-stream");
  }
  samples_in_ += libav.nb_samples;
  return Run(libav);
}

std::optional<Frame> Resampler::Flush() {
  // libswresample's own flush mirrors the end, is short by one sample for some ratios and gives
  // nothing at all for an input shorter than its filter. After the end there is silence.
  const std::int64_t total = av_rescale_rnd(samples_in_, output_rate_, input_rate_, AV_ROUND_UP);
  const std::int64_t missing = total - samples_out_;
  if (missing <= 0) return std::nullopt;
  Frame rest = Silence(output_rate_, AV_SAMPLE_FMT_FLTP, output_layout_, static_cast<int>(missing));
  rest.SetPts(samples_out_);
  const Frame silence = Silence(input_rate_, input_format_, input_layout_, kTrailingSilenceSamples);
  for (int filled = 0; filled < rest.sample_count();) {
    const std::optional<Frame> more = Run(*silence.get());
    if (!more) continue;
    const int count = std::min(more->sample_count(), rest.sample_count() - filled);
    av_samples_copy(rest.get()->extended_data, more->get()->extended_data, filled, 0, count,
                    output_layout_.channels(), AV_SAMPLE_FMT_FLTP);
    filled += count;
  }
  return rest;
}

std::optional<Frame> Resampler::Run(const AVFrame& input) {
  const int room = Check(swr_get_out_samples(swr_.get(), input.nb_samples), "resample");
  if (room == 0) return std::nullopt;
  Frame output = Silence(output_rate_, AV_SAMPLE_FMT_FLTP, output_layout_, room);
  const int count =
      Check(swr_convert(swr_.get(), output.get()->extended_data, room,
                        const_cast<const std::uint8_t**>(input.extended_data), input.nb_samples),
            "resample");
  if (count == 0) return std::nullopt;
  output.get()->nb_samples = count;
  output.SetPts(samples_out_);
  samples_out_ += count;
  return output;
}

}  // namespace opencut
