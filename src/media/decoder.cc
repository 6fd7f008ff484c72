#include "media/decoder.h"

#include <utility>

#include "media/convert.h"
#include "media/log.h"

namespace opencut {

namespace {

// What libav returns for input it cannot decode, as opposed to what stops it for good.
bool IsDamage(int ret) { return ret < 0 && ret != AVERROR(ENOMEM) && ret != AVERROR_EXIT; }

bool SaysDamaged(const AVFrame& frame) {
  return (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0;
}

}  // namespace

Decoder::Decoder(const CodecParameters& parameters, const Rational& time_base,
                 const DecoderOptions& options)
    : options_(options) {
  const AVCodec* codec = avcodec_find_decoder(parameters.get().codec_id);
  if (codec == nullptr) {
    throw Error(ErrorCode::kPlanUnsupported,
                "this build of libav has no decoder for " + parameters.codec_name());
  }
  context_.reset(CheckAllocated(avcodec_alloc_context3(codec)));
  Check(avcodec_parameters_to_context(context_.get(), &parameters.get()),
        "set up the decoder for " + parameters.codec_name(), ErrorCode::kProbe);
  context_->opaque = LogOwner();
  context_->pkt_timebase = ToAvRational(time_base);
  context_->thread_count = options.threads;
  context_->thread_type = options.threading == DecoderOptions::Threading::kFrame
                              ? FF_THREAD_FRAME | FF_THREAD_SLICE
                              : FF_THREAD_SLICE;
  // Begun in an open GOP, libavcodec's H.264 decoder would hold back the pictures that lead its I
  // picture, and while it is drained take the first of them for the end of the stream.
  if (options.on_damage == DecoderOptions::OnDamage::kConceal) {
    context_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  }
  Check(avcodec_open2(context_.get(), codec, nullptr),
        "open the decoder for " + parameters.codec_name(), ErrorCode::kProbe);
}

bool Decoder::Send(const Packet& packet) {
  const AVDiscard skip = skip_non_reference_ ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
  if (context_->skip_frame != skip) {
    TakeReadyFrames();
    context_->skip_frame = skip;
  }
  // An empty packet would mean the end of input to libav; some files have them.
  if (packet.size_bytes() == 0) return true;
  const int ret = avcodec_send_packet(context_.get(), packet.get());
  if (ret == AVERROR(EAGAIN)) return false;
  if (IsDamage(ret)) {
    Damaged(ret);
  } else {
    Check(ret, "decode");
  }
  return true;
}

void Decoder::Drain() {
  if (std::exchange(draining_, true)) return;
  // libav drops a packet that waits when the end is declared.
  TakeReadyFrames();
  Check(avcodec_send_packet(context_.get(), nullptr), "drain");
}

std::optional<Frame> Decoder::Receive() {
  if (ready_.empty()) return ReceiveFromCodec();
  Frame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

void Decoder::TakeReadyFrames() {
  while (auto frame = ReceiveFromCodec()) ready_.push_back(std::move(*frame));
}

std::optional<Frame> Decoder::ReceiveFromCodec() {
  Frame frame;
  for (;;) {
    const int ret = avcodec_receive_frame(context_.get(), frame.get());
    if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF) return std::nullopt;
    if (IsDamage(ret)) {
      Damaged(ret);
      continue;
    }
    Check(ret, "decode");
    if (SaysDamaged(*frame.get())) Damaged(AVERROR_INVALIDDATA);
    if (!frame.pts()) frame.get()->pts = frame.get()->best_effort_timestamp;
    if (context_->codec_type == AVMEDIA_TYPE_VIDEO) frame.TakeRangeOutOfFormat();
    return frame;
  }
}

void Decoder::Flush() {
  avcodec_flush_buffers(context_.get());
  ready_.clear();
  draining_ = false;
}

void Decoder::SetSkipNonReference(bool skip) { skip_non_reference_ = skip; }

void Decoder::Damaged(int ret) {
  ++damaged_count_;
  if (options_.on_damage == DecoderOptions::OnDamage::kFail) Check(ret, "decode");
}

}  // namespace opencut
