#include "bitstream/slice_remap.h"

#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "bitstream/nal_start.h"

namespace opencut {

namespace {

// More than the NAL unit header and any codes up to and including pps_id can take: 2 + 63 + 63 + 17
// bits and the like.
constexpr std::size_t kIdPrefixBytes = 24;

struct PpsIdField {
  int id = 0;
  std::size_t begin = 0;  // In bits of the NAL unit without emulation prevention.
  std::size_t end = 0;
};

PpsIdField FindPpsId(NalCodec codec, ByteView raw) {
  BitReader reader(raw);
  std::uint32_t max_id = 255;
  if (codec == NalCodec::kH264) {
    reader.SkipBits(8);
    reader.ReadUe();  // first_mb_in_slice
    reader.ReadUe();  // slice_type
  } else {
    const HevcNalType type = HevcTypeOf(raw);
    reader.SkipBits(16 + 1);  // first_slice_segment_in_pic_flag
    if (type >= HevcNalType::kBlaWLp && type <= HevcNalType::kLastReservedIrap) {
      reader.SkipBits(1);  // no_output_of_prior_pics_flag
    }
    max_id = 63;
  }
  PpsIdField field;
  field.begin = reader.position();
  field.id = static_cast<int>(reader.ReadUeUpTo(max_id, "pic_parameter_set_id"));
  field.end = reader.position();
  return field;
}

// The slice up to the end of the byte in which pps_id ended, under the new id.
Bytes RewritePrefix(ByteView raw, const PpsIdField& field, int new_id) {
  BitReader reader(raw);
  BitWriter writer;
  writer.CopyBits(reader, field.begin);
  writer.WriteUe(static_cast<std::uint32_t>(new_id));
  reader.SkipBits(field.end - field.begin);
  writer.CopyBits(reader, (8 - field.end % 8) % 8);
  return writer.bytes();
}

}  // namespace

bool CanRemapPpsId(int from, int to) {
  const int growth =
      UeLength(static_cast<std::uint32_t>(to)) - UeLength(static_cast<std::uint32_t>(from));
  return growth == 0 || growth == 8;
}

int PpsIdOfSlice(NalCodec codec, ByteView nal) {
  return FindPpsId(codec, StripEmulationPrevention(nal, kIdPrefixBytes)).id;
}

// Since the code of the new id has as many bits as that of the old one or 8 more, what follows it
// keeps its place within a byte: cabac_alignment_one_bits, byte_alignment() and CAVLC bits stay
// right, and all bytes after the one in which the id ended are the same bytes.
void AppendRemappedSlice(NalCodec codec, ByteView nal, const IdMapping& mapping, Bytes& out) {
  const Bytes raw = StripEmulationPrevention(nal, kIdPrefixBytes);
  const PpsIdField field = FindPpsId(codec, raw);
  const int new_id = NewId(mapping.pps, field.id, "PPS");
  if (new_id == field.id) {
    out.insert(out.end(), nal.begin(), nal.end());
    return;
  }
  AppendWithNewStart(nal, (field.end + 7) / 8, RewritePrefix(raw, field, new_id), out);
}

}  // namespace opencut
