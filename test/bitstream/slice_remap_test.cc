#include "bitstream/slice_remap.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

TEST(CanRemapPpsId, AllowsTheSameLengthOrAByteMore) {
  const auto range = [](int from) {
    std::vector<int> ids;
    for (int to = 0; to < 256; ++to) {
      if (CanRemapPpsId(from, to)) ids.push_back(to);
    }
    return ids;
  };
  const std::vector<int> of_zero = range(0);
  ASSERT_EQ(of_zero.size(), 17u);
  EXPECT_EQ(of_zero[0], 0);
  EXPECT_EQ(of_zero[1], 15);
  EXPECT_EQ(of_zero.back(), 30);
  EXPECT_EQ(range(2)[0], 1);
  EXPECT_EQ(range(2).back(), 62);
  EXPECT_EQ(range(3)[4], 63);
  EXPECT_EQ(range(6).back(), 126);
  EXPECT_EQ(range(7)[8], 127);
  EXPECT_EQ(range(14).back(), 254);
}

// The plain way: everything without emulation prevention, bit by bit, and back.
Bytes RemapInFull(NalCodec codec, ByteView nal, const IdMapping& mapping) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader(raw);
  BitWriter writer;
  if (codec == NalCodec::kH264) {
    writer.CopyBits(reader, 8);
    writer.WriteUe(reader.ReadUe());
    writer.WriteUe(reader.ReadUe());
  } else {
    const int type = static_cast<int>(HevcTypeOf(nal));
    writer.CopyBits(reader, type >= 16 && type <= 23 ? 18 : 17);
  }
  writer.WriteUe(static_cast<std::uint32_t>(mapping.pps.at(static_cast<int>(reader.ReadUe()))));
  writer.CopyBits(reader, reader.remaining());
  Bytes remapped = InsertEmulationPrevention(writer.bytes());
  return remapped;
}

Bytes Remap(NalCodec codec, ByteView nal, const IdMapping& mapping) {
  Bytes out = {0xaa};
  AppendRemappedSlice(codec, nal, mapping, out);
  EXPECT_EQ(out.front(), 0xaa);
  out.erase(out.begin());
  return out;
}

struct IdPair {
  int from;
  int to;
};

// Slices whose bytes around the id are full of zeros and of what looks like emulation prevention.
Bytes RandomSlice(NalCodec codec, int pps_id, std::mt19937& random) {
  BitWriter writer;
  if (codec == NalCodec::kH264) {
    writer.WriteBits(random() % 2 == 0 ? 0x65 : 0x41, 8);
    writer.WriteUe(static_cast<std::uint32_t>(random() % 5 == 0 ? random() % 8000 : 0));
    writer.WriteUe(static_cast<std::uint32_t>(random() % 10));
  } else {
    const std::uint32_t type = random() % 2 == 0 ? 1 : 19;
    writer.WriteBits(type << 1, 8);
    writer.WriteBits(1, 8);
    writer.WriteFlag(random() % 2 == 0);
    if (type == 19) writer.WriteFlag(false);
  }
  writer.WriteUe(static_cast<std::uint32_t>(pps_id));
  const int bits = static_cast<int>(random() % 120);
  for (int i = 0; i < bits; ++i) writer.WriteFlag(random() % 40 == 0);
  for (int i = 0; i < 6; ++i) writer.WriteBits(static_cast<std::uint32_t>(random() % 5), 8);
  writer.WriteTrailingBits();
  Bytes raw = writer.bytes();
  if (random() % 4 == 0) raw.resize(raw.size() + 2 * (random() % 3));  // cabac_zero_words
  return InsertEmulationPrevention(raw);
}

TEST(AppendRemappedSlice, EqualsAFullRewriteOfSlicesFullOfZeros) {
  std::mt19937 random(7);
  const std::vector<IdPair> pairs = {{0, 15}, {0, 30}, {1, 31}, {2, 62}, {3, 63}, {6, 6}, {1, 2}};
  const std::vector<IdPair> h264_pairs = {{6, 126}, {7, 127}, {14, 254}};
  for (int round = 0; round < 30000; ++round) {
    const NalCodec codec = round % 2 == 0 ? NalCodec::kH264 : NalCodec::kHevc;
    const bool is_long = codec == NalCodec::kH264 && random() % 3 == 0;
    const std::vector<IdPair>& choice = is_long ? h264_pairs : pairs;
    const IdPair pair = choice[random() % choice.size()];
    const Bytes nal = RandomSlice(codec, pair.from, random);
    const IdMapping mapping{.vps = {}, .sps = {}, .pps = {{pair.from, pair.to}}};
    ASSERT_EQ(PpsIdOfSlice(codec, nal), pair.from);
    const Bytes remapped = Remap(codec, nal, mapping);
    ASSERT_EQ(remapped, RemapInFull(codec, nal, mapping)) << pair.from << " to " << pair.to;
    ASSERT_EQ(PpsIdOfSlice(codec, remapped), pair.to);
  }
}

TEST(AppendRemappedSlice, EqualsAFullRewriteOfEncodedSlices) {
  const std::string x265 = "-c:v libx265 -preset veryfast -x265-params log-level=error:";
  for (const std::string& path :
       {MakeClip("remap-cavlc.mp4", "-c:v libx264 -qp 10 -x264-params cabac=0:slices=3"),
        MakeClip("remap-cabac.mp4", "-c:v libx264 -qp 10"),
        MakeClip("remap-hevc.mp4", x265 + "qp=10:keyint=6")}) {
    const NalCodec codec = Probe(path).codec();
    for (const CodedPacket& packet : ReadPackets(path)) {
      for (const ByteView nal : SplitNalUnits(packet.bytes, NalFraming{})) {
        if (!IsSlice(codec, nal)) continue;
        for (int id = 15; id <= 30; ++id) {
          const IdMapping mapping{.vps = {}, .sps = {}, .pps = {{0, id}}};
          ASSERT_EQ(Remap(codec, nal, mapping), RemapInFull(codec, nal, mapping)) << path;
        }
      }
    }
  }
}

TEST(AppendRemappedSlice, CopiesASliceWhoseIdStays) {
  std::mt19937 random(8);
  const Bytes nal = RandomSlice(NalCodec::kH264, 4, random);
  EXPECT_EQ(Remap(NalCodec::kH264, nal, {.vps = {}, .sps = {}, .pps = {{4, 4}}}), nal);
}

TEST(AppendRemappedSlice, RefusesAnUnknownIdAndATruncatedSlice) {
  std::mt19937 random(9);
  const IdMapping mapping{.vps = {}, .sps = {}, .pps = {{0, 15}}};
  const Bytes nal = RandomSlice(NalCodec::kH264, 4, random);
  Bytes out;
  EXPECT_THROW(AppendRemappedSlice(NalCodec::kH264, nal, mapping, out), Error);
  EXPECT_THROW(AppendRemappedSlice(NalCodec::kH264, Bytes{0x65}, mapping, out), Error);
  EXPECT_THROW(AppendRemappedSlice(NalCodec::kHevc, Bytes{0x26, 1}, mapping, out), Error);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace opencut
