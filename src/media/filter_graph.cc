#include "media/filter_graph.h"

#include "media/convert.h"
#include "media/log.h"

namespace opencut {

namespace {

std::string Text(const Rational& value) {
  const AVRational ratio = ToAvRational(value);
  return std::to_string(ratio.num) + "/" + std::to_string(ratio.den);
}

// From FFmpeg 7 on the source is told the colour; before, it only takes it from the frames.
bool BufferSourceKnows(const char* option) {
  const AVClass* const buffer_class = avfilter_get_by_name("buffer")->priv_class;
  return av_opt_find(const_cast<AVClass**>(&buffer_class), option, nullptr, 0,
                     AV_OPT_SEARCH_FAKE_OBJ) != nullptr;
}

FilterInOutPtr Endpoint(const char* name, AVFilterContext* filter) {
  FilterInOutPtr endpoint(CheckAllocated(avfilter_inout_alloc()));
  endpoint->name = CheckAllocated(av_strdup(name));
  endpoint->filter_ctx = filter;
  return endpoint;
}

}  // namespace

bool HasFilter(const std::string& name) { return avfilter_get_by_name(name.c_str()) != nullptr; }

FilterGraph::FilterGraph(const VideoFilterInput& input, const std::string& description, int threads)
    : input_format_(input.pixel_format), input_width_(input.width), input_height_(input.height) {
  std::string options = "video_size=" + std::to_string(input.width) + "x" +
                        std::to_string(input.height) + ":pix_fmt=" + input.pixel_format +
                        ":time_base=" + Text(input.time_base) +
                        ":pixel_aspect=" + Text(input.sample_aspect_ratio);
  if (input.frame_rate > 0) options += ":frame_rate=" + Text(input.frame_rate);
  if (BufferSourceKnows("colorspace")) {
    options += ":colorspace=" + std::to_string(input.colour.matrix) +
               ":range=" + std::to_string(ToAvColorRange(input.colour));
  }
  Build("buffer", options, "buffersink", description, threads);
}

FilterGraph::FilterGraph(const AudioFilterInput& input, const std::string& description, int threads)
    : input_format_(input.sample_format),
      input_sample_rate_(input.sample_rate),
      input_layout_(ChannelLayout(input.channel_layout).name()) {
  Build("abuffer",
        "sample_rate=" + std::to_string(input.sample_rate) + ":sample_fmt=" + input.sample_format +
            ":channel_layout=" + input_layout_ + ":time_base=" + Text(input.time_base),
        "abuffersink", description, threads);
}

void FilterGraph::Build(const char* source, const std::string& source_options, const char* sink,
                        const std::string& description, int threads) {
  graph_.reset(CheckAllocated(avfilter_graph_alloc()));
  graph_->opaque = LogOwner();
  graph_->nb_threads = threads;
  const std::string operation = "set up the filters \"" + description + "\"";
  Check(avfilter_graph_create_filter(&source_, avfilter_get_by_name(source), "in",
                                     source_options.c_str(), nullptr, graph_.get()),
        operation);
  Check(avfilter_graph_create_filter(&sink_, avfilter_get_by_name(sink), "out", nullptr, nullptr,
                                     graph_.get()),
        operation);
  // Named from the outside: what the description reads is what the source gives.
  FilterInOutPtr source_end = Endpoint("in", source_);
  FilterInOutPtr sink_end = Endpoint("out", sink_);
  AVFilterInOut* outputs = source_end.release();
  AVFilterInOut* inputs = sink_end.release();
  const int ret =
      avfilter_graph_parse_ptr(graph_.get(), description.c_str(), &inputs, &outputs, nullptr);
  FilterInOutPtr unused_inputs(inputs);
  FilterInOutPtr unused_outputs(outputs);
  Check(ret, operation);
  Check(avfilter_graph_config(graph_.get(), nullptr), operation);
}

void FilterGraph::Push(const Frame& frame) {
  const bool fits = input_layout_.empty()
                        ? frame.width() == input_width_ && frame.height() == input_height_ &&
                              frame.pixel_format() == input_format_
                        : frame.sample_rate() == input_sample_rate_ &&
                              frame.sample_format() == input_format_ &&
                              ChannelLayout(frame.get()->ch_layout).name() == input_layout_;
  if (!fits) throw Error(ErrorCode::kExec, "the shape of the frames changed before a filter");
  if (frame.pts()) end_pts_ = *frame.pts() + frame.duration();
  const int ret = av_buffersrc_write_frame(source_, frame.get());
  // The filters want no more, as trim does after its end.
  if (ret != AVERROR_EOF) Check(ret, "filter");
}

void FilterGraph::Close() {
  Check(av_buffersrc_close(source_, end_pts_, AV_BUFFERSRC_FLAG_PUSH), "filter");
}

std::optional<Frame> FilterGraph::Pull() {
  Frame frame;
  const int ret = av_buffersink_get_frame(sink_, frame.get());
  if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF) return std::nullopt;
  Check(ret, "filter");
  if (input_layout_.empty()) frame.TakeRangeOutOfFormat();
  return frame;
}

Rational FilterGraph::time_base() const {
  return FromAvRational(av_buffersink_get_time_base(sink_));
}

}  // namespace opencut
