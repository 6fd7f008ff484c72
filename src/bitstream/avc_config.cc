#include "bitstream/avc_config.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "bitstream/h264_parameter_sets.h"

namespace opencut {

namespace {

constexpr std::size_t kMaxSps = 31;  // numOfSequenceParameterSets has 5 bits, the others 8.
constexpr std::size_t kMaxPps = 255;
constexpr std::size_t kMaxNalSize = 65535;

// Whether the record goes on with chroma format and bit depths after the PPS.
bool HasTail(int profile_idc) {
  return profile_idc != 66 && profile_idc != 77 && profile_idc != 88;
}

void ReadNalUnits(BitReader& reader, ByteView record, std::uint32_t count, ParameterSets& sets) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t size = reader.ReadBits(16);
    const std::size_t begin = reader.position() / 8;
    reader.SkipBits(size * 8);
    AddParameterSet(record.subspan(begin, size), sets);
  }
}

void WriteNalUnits(const std::vector<Bytes>& nals, std::size_t max_count, int count_bits,
                   BitWriter& writer) {
  if (nals.size() > max_count) {
    throw Error(ErrorCode::kExec, "more parameter sets than avcC can hold");
  }
  writer.WriteBits(static_cast<std::uint32_t>(nals.size()), count_bits);
  for (const Bytes& nal : nals) {
    if (nal.size() > kMaxNalSize) {
      throw Error(ErrorCode::kExec, "a parameter set is larger than avcC can hold");
    }
    writer.WriteBits(static_cast<std::uint32_t>(nal.size()), 16);
    for (const std::uint8_t byte : nal) writer.WriteBits(byte, 8);
  }
}

// Chroma format, bit depths and SPS extensions. Some writers leave them out and some leave other
// bytes there, so they are taken only where the reserved bits are 1.
void ReadTail(BitReader& reader, ByteView record, ParameterSets& sets) {
  if (reader.remaining() < 32) return;
  const bool is_tail = (reader.ReadBits(8) & 0xfc) == 0xfc && (reader.ReadBits(8) & 0xf8) == 0xf8 &&
                       (reader.ReadBits(8) & 0xf8) == 0xf8;
  if (is_tail) ReadNalUnits(reader, record, reader.ReadBits(8), sets);
}

}  // namespace

AvcConfig ParseAvcConfig(ByteView record) {
  BitReader reader(record);
  if (reader.ReadBits(8) != 1) throw Error(ErrorCode::kExec, "avcC is not of version 1");
  AvcConfig config;
  config.profile_idc = static_cast<int>(reader.ReadBits(8));
  config.constraint_flags = static_cast<std::uint8_t>(reader.ReadBits(8));
  config.level_idc = static_cast<int>(reader.ReadBits(8));
  reader.SkipBits(6);
  config.length_size = static_cast<int>(reader.ReadBits(2)) + 1;
  reader.SkipBits(3);
  ReadNalUnits(reader, record, reader.ReadBits(5), config.sets);
  ReadNalUnits(reader, record, reader.ReadBits(8), config.sets);
  if (HasTail(config.profile_idc)) ReadTail(reader, record, config.sets);
  return config;
}

AvcConfig MakeAvcConfig(ParameterSets sets) {
  if (sets.sps.empty()) throw Error(ErrorCode::kExec, "avcC needs an SPS");
  AvcConfig config;
  config.constraint_flags = 0xff;
  const H264Sps first = ParseH264Sps(sets.sps.front());
  for (const Bytes& nal : sets.sps) {
    const H264Sps sps = ParseH264Sps(nal);
    if (sps.chroma_format_idc != first.chroma_format_idc ||
        sps.bit_depth_luma != first.bit_depth_luma ||
        sps.bit_depth_chroma != first.bit_depth_chroma) {
      throw Error(ErrorCode::kExec,
                  "streams of different chroma format or bit depth cannot share one avcC");
    }
    config.profile_idc = std::max(config.profile_idc, sps.profile_idc);
    config.constraint_flags &= sps.constraint_flags;
    config.level_idc = std::max(config.level_idc, sps.level_idc);
  }
  config.sets = std::move(sets);
  return config;
}

AvcConfig MergeAvcConfigs(std::span<const AvcConfig> configs) {
  std::vector<ParameterSets> members;
  for (const AvcConfig& config : configs) members.push_back(config.sets);
  return MakeAvcConfig(MergeParameterSets(members));
}

Bytes WriteAvcConfig(const AvcConfig& config) {
  if (config.sets.sps.empty()) throw Error(ErrorCode::kExec, "avcC needs an SPS");
  BitWriter writer;
  writer.WriteBits(1, 8);  // configurationVersion
  writer.WriteBits(static_cast<std::uint32_t>(config.profile_idc), 8);
  writer.WriteBits(config.constraint_flags, 8);
  writer.WriteBits(static_cast<std::uint32_t>(config.level_idc), 8);
  writer.WriteBits(0x3f, 6);
  writer.WriteBits(static_cast<std::uint32_t>(config.length_size - 1), 2);
  writer.WriteBits(0x7, 3);
  WriteNalUnits(config.sets.sps, kMaxSps, 5, writer);
  WriteNalUnits(config.sets.pps, kMaxPps, 8, writer);
  if (HasTail(config.profile_idc)) {
    const H264Sps sps = ParseH264Sps(config.sets.sps.front());
    writer.WriteBits(0x3f, 6);
    writer.WriteBits(static_cast<std::uint32_t>(sps.chroma_format_idc), 2);
    writer.WriteBits(0x1f, 5);
    writer.WriteBits(static_cast<std::uint32_t>(sps.bit_depth_luma - 8), 3);
    writer.WriteBits(0x1f, 5);
    writer.WriteBits(static_cast<std::uint32_t>(sps.bit_depth_chroma - 8), 3);
    WriteNalUnits(config.sets.sps_extensions, kMaxPps, 8, writer);
  }
  return writer.bytes();
}

}  // namespace opencut
