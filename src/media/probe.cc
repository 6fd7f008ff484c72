#include "media/probe.h"

#include <optional>

#include "base/error.h"
#include "bitstream/nal_unit.h"
#include "media/byte_io.h"
#include "media/coded_header.h"
#include "media/format_opener.h"
#include "media/hdr_metadata.h"
#include "media/stream_description.h"

namespace opencut {
namespace {

constexpr int kLowestHdrBitDepth = 10;

void ReadStreamInfo(AVFormatContext& context, InputFile& file) {
  const int ret = avformat_find_stream_info(&context, nullptr);
  file.ThrowIfFailed();
  if (ret < 0 || context.nb_streams == 0) {
    ErrorContext about{.path = file.path()};
    if (ret < 0) about.libav = LibavErrorText(ret);
    throw Error(ErrorCode::kProbe, file.path() + " holds no stream that can be read", about,
                "Check that it is a video or audio file and that it was copied whole.");
  }
}

// Nothing when the stream has no packet.
PacketPtr ReadFirstPacket(AVFormatContext& context, int stream_index, InputFile& file) {
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    const bool wanted = static_cast<int>(i) == stream_index;
    context.streams[i]->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  PacketPtr packet(CheckAllocated(av_packet_alloc()));
  while (av_read_frame(&context, packet.get()) >= 0) {
    if (packet->stream_index == stream_index) return packet;
    av_packet_unref(packet.get());
  }
  file.ThrowIfFailed();
  return nullptr;
}

bool HasStaticHdr(const HdrInfo& hdr) { return hdr.mastering_display && hdr.content_light; }

// HDR metadata of H.264 and HEVC may stand in SEI messages only, of the header or of the first
// picture.
void ReadCodedHdr(AVFormatContext& context, InputFile& file, StreamInfo& stream) {
  HdrInfo& hdr = stream.video.hdr;
  if (stream.video.bit_depth < kLowestHdrBitDepth || HasStaticHdr(hdr)) return;
  const AVCodecParameters& parameters = *context.streams[stream.index]->codecpar;
  const std::optional<CodedVideoHeader> header = ReadCodedVideoHeader(parameters);
  if (!header) return;
  const NalCodec codec =
      parameters.codec_id == AV_CODEC_ID_H264 ? NalCodec::kH264 : NalCodec::kHevc;
  HdrMetadata coded;
  for (const Bytes& nal : header->sei) AddHdrFromSei(codec, nal, coded);
  AddCodedHdr(coded, hdr);
  if (HasStaticHdr(hdr)) return;
  const PacketPtr packet = ReadFirstPacket(context, stream.index, file);
  if (packet == nullptr) return;
  const ByteView sample(packet->data, static_cast<std::size_t>(packet->size));
  AddHdrFromSample(codec, sample, header->framing, SampleExtent::kWhole, coded);
  AddCodedHdr(coded, hdr);
}

}  // namespace

MediaInfo Probe(const std::string& path, const CancellationToken& token,
                const AllowedRoots& roots) {
  InputFile file(path, token, roots);
  const InputFormatPtr context = OpenFormat(file, token);
  if (!HeadersSayAll(*context)) ReadStreamInfo(*context, file);
  MediaInfo info = DescribeMedia(*context, file);
  for (StreamInfo& stream : info.streams) {
    if (stream.type == StreamType::kVideo) ReadCodedHdr(*context, file, stream);
  }
  return info;
}

}  // namespace opencut
