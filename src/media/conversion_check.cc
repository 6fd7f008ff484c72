#include "media/conversion_check.h"

#include <map>
#include <utility>

#include "media/decoder.h"

namespace opencut {
namespace {

using Pictures = std::map<std::int64_t, Frame>;  // By pts.

void TakeFrames(Decoder& decoder, std::int64_t first_pts, Pictures& pictures) {
  while (std::optional<Frame> frame = decoder.Receive()) {
    const std::int64_t pts = frame->pts().value_or(INT64_MIN);
    if (pts >= first_pts) pictures.insert_or_assign(pts, std::move(*frame));
  }
}

void Decode(Decoder& decoder, const std::vector<Packet>& packets, std::int64_t first_pts,
            Pictures& pictures) {
  for (const Packet& packet : packets) {
    while (!decoder.Send(packet)) TakeFrames(decoder, first_pts, pictures);
    TakeFrames(decoder, first_pts, pictures);
  }
}

void Finish(Decoder& decoder, std::int64_t first_pts, Pictures& pictures) {
  decoder.Drain();
  TakeFrames(decoder, first_pts, pictures);
}

}  // namespace

bool ShowsTheSame(SourceFile& source, const Extradata& headers, std::int64_t decode_from,
                  std::int64_t end, const std::vector<Packet>& converted) {
  const DemuxedStream& stream = *source.picture();
  const std::int64_t first_pts = converted.front().pts().value_or(0);
  Pictures of_source;
  Decoder from_source(stream.parameters, stream.time_base);
  while (decode_from < end) {
    const std::vector<Packet> packets = source.ReadPictures(decode_from, end);
    if (packets.empty()) break;
    decode_from += static_cast<std::int64_t>(packets.size());
    Decode(from_source, packets, first_pts, of_source);
  }
  Finish(from_source, first_pts, of_source);

  CodecParameters parameters = stream.parameters;
  parameters.SetExtradata(WriteExtradata(headers.sets));
  Pictures of_copy;
  Decoder from_copy(parameters, stream.time_base);
  Decode(from_copy, converted, first_pts, of_copy);
  Finish(from_copy, first_pts, of_copy);

  if (of_copy.size() != converted.size() || from_copy.damaged_count() > 0) return false;
  for (const auto& [pts, frame] : of_copy) {
    const auto found = of_source.find(pts);
    if (found == of_source.end() || !found->second.ShowsTheSame(frame)) return false;
  }
  return true;
}

}  // namespace opencut
