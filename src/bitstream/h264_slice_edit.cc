#include "bitstream/h264_slice_edit.h"

#include <algorithm>

#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "bitstream/nal_start.h"
#include "bitstream/nal_unit.h"

namespace opencut {
namespace {

std::size_t BytesOf(std::size_t bits) { return (bits + 7) / 8; }

std::size_t Length(const BitRange& bits) { return bits.end - bits.begin; }

// Writes a header anew: what changes, and, bit for bit, what lies between.
class HeaderWriter {
 public:
  HeaderWriter(ByteView raw, const H264SliceHeader& header) : reader_(raw), header_(header) {}

  void Write(const H264SliceChanges& changes) {
    WriteNalHeader(changes);
    KeepUntil(header_.frame_num_bits.begin);
    writer_.WriteBits(changes.frame_num, static_cast<int>(Length(header_.frame_num_bits)));
    Skip(header_.frame_num_bits);
    KeepUntil(header_.idr_pic_id_bits.begin);
    if (changes.idr_pic_id) {
      writer_.WriteUe(*changes.idr_pic_id);
      Skip(header_.idr_pic_id_bits);
    }
    KeepUntil(header_.pic_order_cnt_lsb_bits.begin);
    writer_.WriteBits(changes.pic_order_cnt_lsb,
                      static_cast<int>(Length(header_.pic_order_cnt_lsb_bits)));
    Skip(header_.pic_order_cnt_lsb_bits);
    WriteReferences(changes);
    KeepUntil(header_.end);
  }

  // Takes over the rest of the slice bit by bit.
  void WriteRest() {
    KeepUntil(reader_.StopBitPosition());
    writer_.WriteTrailingBits();
  }

  // cabac_alignment_one_bit (7.3.4).
  void AlignWithOnes() {
    while (writer_.position() % 8 != 0) writer_.WriteFlag(true);
  }

  const Bytes& bytes() const { return writer_.bytes(); }

 private:
  void WriteNalHeader(const H264SliceChanges& changes) {
    if (!changes.idr_pic_id) return;
    writer_.WriteFlag(false);  // forbidden_zero_bit
    writer_.WriteBits(static_cast<std::uint32_t>(header_.ref_idc), 2);
    writer_.WriteBits(static_cast<std::uint32_t>(H264NalType::kSliceIdr), 5);
    reader_.SkipBits(8);
  }

  void WriteReferences(const H264SliceChanges& changes) {
    if (changes.modifications) {
      KeepUntil(header_.modification_bits.begin);
      WriteRefListModifications(*changes.modifications, header_.ListCount(), writer_);
      Skip(header_.modification_bits);
    }
    if (header_.ref_idc == 0 || (!changes.idr_pic_id && !changes.marking)) return;
    KeepUntil(header_.marking_bits.begin);
    if (changes.idr_pic_id) {
      writer_.WriteBits(0, 2);  // no_output_of_prior_pics_flag, long_term_reference_flag
    } else {
      WriteMarking(*changes.marking, writer_);
    }
    Skip(header_.marking_bits);
  }

  void KeepUntil(std::size_t position) { writer_.CopyBits(reader_, position - reader_.position()); }
  void Skip(const BitRange& bits) { reader_.SkipBits(Length(bits)); }

  BitReader reader_;
  BitWriter writer_;
  const H264SliceHeader& header_;
};

// The numbers are in the header, ahead of everything else that can change.
void AppendWithNewNumbers(ByteView nal, const H264SliceHeader& header,
                          const H264SliceChanges& changes, Bytes& out) {
  const std::size_t replaced =
      BytesOf(std::max(header.frame_num_bits.end, header.pic_order_cnt_lsb_bits.end));
  const Bytes raw = StripEmulationPrevention(nal, replaced);
  BitReader reader(raw);
  BitWriter writer;
  writer.CopyBits(reader, header.frame_num_bits.begin);
  writer.WriteBits(changes.frame_num, static_cast<int>(Length(header.frame_num_bits)));
  reader.SkipBits(Length(header.frame_num_bits));
  writer.CopyBits(reader, header.pic_order_cnt_lsb_bits.begin - reader.position());
  writer.WriteBits(changes.pic_order_cnt_lsb,
                   static_cast<int>(Length(header.pic_order_cnt_lsb_bits)));
  reader.SkipBits(Length(header.pic_order_cnt_lsb_bits));
  writer.CopyBits(reader, replaced * 8 - reader.position());
  AppendWithNewStart(nal, replaced, writer.bytes(), out);
}

}  // namespace

void AppendChangedSlice(ByteView nal, const H264SliceHeader& header, const H264Sets& sets,
                        const H264SliceChanges& changes, Bytes& out) {
  if (!changes.idr_pic_id && !changes.modifications && !changes.marking) {
    return AppendWithNewNumbers(nal, header, changes, out);
  }
  if (sets.PpsOf(header.pps_id).cabac) {
    const Bytes raw = StripEmulationPrevention(nal, BytesOf(header.end));
    HeaderWriter writer(raw, header);
    writer.Write(changes);
    writer.AlignWithOnes();
    return AppendWithNewStart(nal, BytesOf(header.end), writer.bytes(), out);
  }
  const Bytes raw = StripEmulationPrevention(nal);
  HeaderWriter writer(raw, header);
  writer.Write(changes);
  writer.WriteRest();
  const Bytes changed = InsertEmulationPrevention(writer.bytes());
  out.insert(out.end(), changed.begin(), changed.end());
}

}  // namespace opencut
