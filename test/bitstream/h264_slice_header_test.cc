#include "bitstream/h264_slice_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "bitstream/h264_slice_edit.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct CodedSlice {
  Bytes nal;
  H264SliceHeader header;
};

struct SliceClip {
  H264Sets sets;
  std::vector<CodedSlice> slices;
};

SliceClip ReadSlices(const std::string& path) {
  SliceClip clip{.sets = ParseH264Sets(Probe(path).sets()), .slices = {}};
  for (const CodedPacket& packet : ReadPackets(path)) {
    for (const ByteView nal : SplitNalUnits(packet.bytes, NalFraming())) {
      if (!IsSlice(NalCodec::kH264, nal)) continue;
      clip.slices.push_back({Bytes(nal.begin(), nal.end()), ParseH264SliceHeader(nal, clip.sets)});
    }
  }
  return clip;
}

class SliceHeaders : public ::testing::TestWithParam<ClipCase> {
 protected:
  std::string Path() const {
    return MakeClip("slices.mp4", "-c:v libx264 " + GetParam().options, GetParam().size, 40);
  }
};

TEST_P(SliceHeaders, HoldWhatFfmpegReadsInThem) {
  const std::string path = Path();
  const SliceClip clip = ReadSlices(path);
  std::vector<TracedUnit> traced = TraceHeaders(path);
  std::erase_if(traced, [](const TracedUnit& unit) { return unit.title != "Slice Header"; });
  ASSERT_EQ(traced.size(), clip.slices.size());
  for (std::size_t i = 0; i < traced.size(); ++i) {
    SCOPED_TRACE("slice " + std::to_string(i));
    const Traced field(traced[i]);
    const H264SliceHeader& header = clip.slices[i].header;
    EXPECT_EQ(header.first_macroblock, field("first_mb_in_slice"));
    EXPECT_EQ(static_cast<int>(header.type), field("slice_type") % 5);
    EXPECT_EQ(header.frame_num, field("frame_num"));
    EXPECT_EQ(header.pic_order_cnt_lsb, field("pic_order_cnt_lsb", 0));
    EXPECT_EQ(header.delta_pic_order_cnt_bottom, field("delta_pic_order_cnt_bottom", 0));
    EXPECT_EQ(header.is_field, field("field_pic_flag", 0) == 1);
    EXPECT_EQ(header.is_idr, field("idr_pic_id") != -1);
    if (field("num_ref_idx_active_override_flag", 0) == 1) {
      EXPECT_EQ(header.ref_count[0], field("num_ref_idx_l0_active_minus1") + 1);
    }
    EXPECT_EQ(header.modifications[0].empty(), field("ref_pic_list_modification_flag_l0", 0) == 0);
    EXPECT_EQ(header.marking.empty(), field("adaptive_ref_pic_marking_mode_flag", 0) == 0);
  }
}

H264SliceChanges Unchanged(const H264SliceHeader& header) {
  return {.frame_num = header.frame_num, .pic_order_cnt_lsb = header.pic_order_cnt_lsb};
}

Bytes Changed(const CodedSlice& slice, const H264Sets& sets, const H264SliceChanges& changes) {
  Bytes out;
  AppendChangedSlice(slice.nal, slice.header, sets, changes, out);
  return out;
}

TEST_P(SliceHeaders, WrittenAnewWithTheSameValuesAreTheSameBytes) {
  const SliceClip clip = ReadSlices(Path());
  for (const CodedSlice& slice : clip.slices) {
    H264SliceChanges changes = Unchanged(slice.header);
    EXPECT_EQ(Changed(slice, clip.sets, changes), slice.nal);
    if (slice.header.is_idr) continue;
    changes.modifications = slice.header.modifications;
    if (slice.header.ref_idc != 0) changes.marking = slice.header.marking;
    EXPECT_EQ(Changed(slice, clip.sets, changes), slice.nal);
  }
}

TEST_P(SliceHeaders, NumbersChangedInPlaceGiveTheBytesOfAWholeRewrite) {
  const SliceClip clip = ReadSlices(Path());
  for (const CodedSlice& slice : clip.slices) {
    if (slice.header.is_idr) continue;
    const H264Sps& sps = clip.sets.SpsOf(slice.header.pps_id);
    for (const std::uint32_t number : {0u, 1u, 7u, (1u << sps.frame_num_bits) - 1}) {
      H264SliceChanges changes{.frame_num = number, .pic_order_cnt_lsb = 0};
      const Bytes in_place = Changed(slice, clip.sets, changes);
      changes.modifications = slice.header.modifications;
      EXPECT_EQ(in_place, Changed(slice, clip.sets, changes));
      const H264SliceHeader header = ParseH264SliceHeader(in_place, clip.sets);
      EXPECT_EQ(header.frame_num, number);
      EXPECT_EQ(header.pic_order_cnt_lsb, 0u);
      EXPECT_EQ(header.end, slice.header.end);
    }
  }
}

TEST_P(SliceHeaders, CutShortAreRefused) {
  const SliceClip clip = ReadSlices(Path());
  const Bytes& nal = clip.slices.back().nal;
  const std::size_t header_bytes = clip.slices.back().header.end / 8;
  for (std::size_t size = 1; size < header_bytes; ++size) {
    EXPECT_THROW(ParseH264SliceHeader(ByteView(nal).first(size), clip.sets), Error) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    X264, SliceHeaders,
    ::testing::Values(
        ClipCase{"usual", "-x264-params keyint=20:bframes=3:b-pyramid=normal:ref=5"},
        ClipCase{"cavlc-slices", "-x264-params keyint=20:bframes=3:cabac=0:slices=4:ref=3"},
        ClipCase{"weights", "-x264-params keyint=20:weightp=2:ref=4 -vf fade=in:0:30"},
        ClipCase{"mbaff", "-x264-params keyint=20:bframes=3:interlaced=1:ref=4"},
        ClipCase{"baseline", "-profile:v baseline"},
        ClipCase{"ten-bits", "-pix_fmt yuv420p10le -x264-params keyint=20:bframes=2"},
        ClipCase{"full-chroma", "-pix_fmt yuv444p -x264-params keyint=20:bframes=2:weightp=2"}),
    CaseName);

TEST(ParseH264SliceHeader, RefusesWhatCamerasDoNotMake) {
  SliceClip clip = ReadSlices(MakeClip("kinds.mp4", "-c:v libx264"));
  Bytes& nal = clip.slices.front().nal;
  ASSERT_EQ(nal[1], 0x88);  // first_mb_in_slice 0, slice_type 7.
  const auto parse = [&] { ParseH264SliceHeader(nal, clip.sets); };
  for (const int type : {1, 2}) {  // 8 and 9: SP and SI.
    nal[1] = static_cast<std::uint8_t>(0x88 + type);
    EXPECT_THAT(parse, ThrowsMessage<Error>(HasSubstr("SP and SI")));
  }
  nal[1] = 0x88;
  EXPECT_NO_THROW(parse());
  clip.sets.pps.begin()->second.num_slice_groups = 2;
  EXPECT_THAT(parse, ThrowsMessage<Error>(HasSubstr("slice groups")));
}

TEST(AppendChangedSlice, MakesAnIdrSliceThatReadsBack) {
  const SliceClip clip = ReadSlices(
      MakeClip("idr.mp4", "-c:v libx264 -x264-params open-gop=1:keyint=12:bframes=3:b-adapt=0",
               "160x96", 40));
  const auto intra = std::find_if(
      clip.slices.begin(), clip.slices.end(),
      [](const CodedSlice& one) { return one.header.IsIntra() && !one.header.is_idr; });
  ASSERT_NE(intra, clip.slices.end());
  for (const std::uint32_t id : {0u, 1u, 40'000u, 65'535u}) {
    const Bytes idr =
        Changed(*intra, clip.sets, {.frame_num = 0, .pic_order_cnt_lsb = 0, .idr_pic_id = id});
    const H264SliceHeader header = ParseH264SliceHeader(idr, clip.sets);
    EXPECT_TRUE(header.is_idr);
    EXPECT_EQ(header.ref_idc, intra->header.ref_idc);
    EXPECT_FALSE(header.is_long_term);
    EXPECT_TRUE(header.marking.empty());
  }
}

}  // namespace
}  // namespace opencut
