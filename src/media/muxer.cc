#include "media/muxer.h"

#include <utility>

#include "media/convert.h"
#include "media/log.h"

namespace opencut {

namespace {

// A free box, which takes up what the moov box leaves of its place, has a header of its own.
constexpr std::int64_t kFreeBoxBytes = 8;
// Headers of the boxes in which libavformat writes one tag.
constexpr std::int64_t kTagBytes = 64;

std::int64_t TagBytes(const Options& tags) {
  std::int64_t bytes = 0;
  for (const auto& [name, value] : tags) {
    bytes += kTagBytes + static_cast<std::int64_t>(name.size() + value.size());
  }
  return bytes;
}

void SetTags(const Options& tags, AVDictionary** to) {
  for (const auto& [name, value] : tags) {
    Check(av_dict_set(to, name.c_str(), value.c_str(), 0), "set the tag " + name);
  }
}

// The tag a source's container used may mean nothing in this one.
bool TagFits(const AVOutputFormat& format, const AVCodecParameters& parameters) {
  if (format.codec_tag == nullptr) return true;
  unsigned usual_tag = 0;
  return av_codec_get_id(format.codec_tag, parameters.codec_tag) == parameters.codec_id ||
         av_codec_get_tag2(format.codec_tag, parameters.codec_id, &usual_tag) == 0;
}

int Dispositions(const std::vector<std::string>& names) {
  int flags = 0;
  for (const std::string& name : names) {
    flags |= Check(av_disposition_from_string(name.c_str()), "the disposition " + name);
  }
  return flags;
}

void AddStream(const MuxerStream& from, AVFormatContext& context) {
  AVStream& stream = *CheckAllocated(avformat_new_stream(&context, nullptr));
  from.parameters.CopyTo(stream);
  if (!TagFits(*context.oformat, *stream.codecpar)) stream.codecpar->codec_tag = 0;
  stream.time_base = ToAvRational(from.time_base);
  stream.sample_aspect_ratio = stream.codecpar->sample_aspect_ratio;
  stream.avg_frame_rate = ToAvRational(from.average_frame_rate);
  stream.disposition = Dispositions(from.dispositions);
  SetTags(from.metadata, &stream.metadata);
  if (!from.language.empty()) SetTags({{"language", from.language}}, &stream.metadata);
}

void SetHeaderOptions(const MuxerOptions& options, const std::vector<MuxerStream>& streams,
                      Dictionary& dictionary) {
  dictionary.Set("avoid_negative_ts", "disabled");
  if (options.format != "mp4") return;
  // A time code track would be made up from metadata of the source.
  dictionary.Set("write_tmcd", "0");
  if (options.moov_size_bytes > 0) {
    dictionary.Set("moov_size", std::to_string(options.moov_size_bytes));
  }
  if (options.movie_timescale > 0) {
    dictionary.Set("movie_timescale", std::to_string(options.movie_timescale));
  }
  for (const MuxerStream& stream : streams) {
    if (stream.parameters.type() != MediaType::kVideo) continue;
    dictionary.Set("video_track_timescale", std::to_string(stream.time_base.den()));
    break;
  }
}

// What must be added to the times of a stream, in the time base libav chose for it.
std::int64_t MissingDelay(const AVFormatContext& context, const AVStream& stream) {
  const bool missing = !kMatroskaAddsCodecDelay && stream.codecpar->codec_id == AV_CODEC_ID_OPUS &&
                       av_match_name(context.oformat->name, "matroska,webm") != 0;
  if (!missing) return 0;
  return av_rescale_q(stream.codecpar->initial_padding, {1, 48000}, stream.time_base);
}

}  // namespace

Muxer::Muxer(OutputFile& file, const MuxerOptions& options, const std::vector<MuxerStream>& streams)
    : file_(file) {
  AVFormatContext* context = nullptr;
  Check(avformat_alloc_output_context2(&context, nullptr, options.format.c_str(), nullptr),
        "write the format " + options.format, ErrorCode::kPlanUnsupported);
  context_.reset(context);
  context->pb = file.avio();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->opaque = LogOwner();
  SetTags(options.metadata, &context->metadata);
  for (const MuxerStream& stream : streams) {
    AddStream(stream, *context);
    // libavformat counts the boxes of Dolby Vision, which Dolby alone has specified, among these.
    if (stream.parameters.dolby_vision()) {
      context->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    }
  }
  WriteHeader(options, streams);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    tracks_.push_back({streams[i].time_base, MissingDelay(*context, *context->streams[i])});
  }
  if (options.format == "mp4") CountMoov(options, streams);
}

void Muxer::WriteHeader(const MuxerOptions& options, const std::vector<MuxerStream>& streams) {
  Dictionary dictionary;
  SetHeaderOptions(options, streams, dictionary);
  const int ret = avformat_write_header(context_.get(), dictionary.address());
  file_.ThrowIfFailed();
  Check(ret, "write the header of " + options.format, ErrorCode::kPlanUnsupported);
  dictionary.RequireAllTaken("the muxer " + options.format);
}

void Muxer::CountMoov(const MuxerOptions& options, const std::vector<MuxerStream>& streams) {
  moov_reserved_bytes_ = options.moov_size_bytes;
  moov_size_.emplace(TagBytes(options.metadata));
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const MuxerStream& stream = streams[i];
    const Rational written = FromAvRational(context_->streams[i]->time_base);
    if (stream.parameters.type() == MediaType::kVideo && (stream.time_base / written).den() != 1) {
      throw Error(ErrorCode::kPlanUnsupported,
                  "the video streams of one mp4 file need time bases of one denominator");
    }
    moov_size_->AddTrack(stream.parameters.coded_bytes() + TagBytes(stream.metadata));
  }
}

void Muxer::Write(int stream_index, Packet packet) {
  AVPacket* libav = packet.get();
  const auto index = static_cast<std::size_t>(stream_index);
  libav->stream_index = stream_index;
  av_packet_rescale_ts(libav, ToAvRational(tracks_[index].time_base),
                       context_->streams[index]->time_base);
  if (libav->pts != AV_NOPTS_VALUE) libav->pts += tracks_[index].shift;
  if (libav->dts != AV_NOPTS_VALUE) libav->dts += tracks_[index].shift;
  if (moov_size_) {
    moov_size_->AddSample(index, libav->size, libav->dts, libav->pts, packet.keyframe());
  }
  CheckWritten(av_write_frame(context_.get(), libav), "write a packet");
}

void Muxer::Finish() {
  if (moov_reserved_bytes_ > 0 && EstimatedMoovBytes() + kFreeBoxBytes > moov_reserved_bytes_) {
    // libavformat would write it over the first packets and report that only afterwards.
    throw Error(ErrorCode::kExec, "the moov box may take " + std::to_string(EstimatedMoovBytes()) +
                                      " bytes, of which " + std::to_string(moov_reserved_bytes_) +
                                      " are set aside");
  }
  CheckWritten(av_write_trailer(context_.get()), "write the end of the file");
}

std::int64_t Muxer::EstimatedMoovBytes() const {
  return moov_size_ ? moov_size_->UpperBoundBytes() : 0;
}

void Muxer::CheckWritten(int ret, const char* operation) {
  file_.ThrowIfFailed();
  Check(ret, operation);
}

}  // namespace opencut
