#include "bitstream/hevc_config.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"

namespace opencut {

namespace {

constexpr std::size_t kMaxNalUnits = 65535;
constexpr std::size_t kMaxNalSize = 65535;

// One kind of NAL unit as hvcC lists it.
struct NalArray {
  HevcNalType type;
  bool is_complete;
  std::vector<ByteView> nals;
};

void ParseArray(BitReader& reader, ByteView record, HevcConfig& config) {
  const bool is_complete = reader.ReadFlag();
  reader.SkipBits(1);
  const auto type = static_cast<HevcNalType>(reader.ReadBits(6));
  const std::uint32_t count = reader.ReadBits(16);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t size = reader.ReadBits(16);
    const std::size_t begin = reader.position() / 8;
    reader.SkipBits(size * 8);
    AddParameterSet(record.subspan(begin, size), config.sets);
  }
  const bool is_set = type >= HevcNalType::kVps && type <= HevcNalType::kPps;
  if (is_set && !is_complete) config.sets_are_complete = false;
}

std::vector<NalArray> ArraysOf(const HevcConfig& config) {
  const auto views = [](const std::vector<Bytes>& nals) {
    return std::vector<ByteView>(nals.begin(), nals.end());
  };
  std::vector<NalArray> arrays = {
      {HevcNalType::kVps, config.sets_are_complete, views(config.sets.vps)},
      {HevcNalType::kSps, config.sets_are_complete, views(config.sets.sps)},
      {HevcNalType::kPps, config.sets_are_complete, views(config.sets.pps)},
      {HevcNalType::kPrefixSei, false, {}},
      {HevcNalType::kSuffixSei, false, {}},
  };
  for (const Bytes& nal : config.sets.sei) {
    for (NalArray& array : arrays) {
      if (HevcTypeOf(nal) == array.type) array.nals.push_back(nal);
    }
  }
  std::erase_if(arrays, [](const NalArray& array) { return array.nals.empty(); });
  return arrays;
}

void WriteArray(const NalArray& array, BitWriter& writer) {
  if (array.nals.size() > kMaxNalUnits) {
    throw Error(ErrorCode::kExec, "more parameter sets than hvcC can hold");
  }
  writer.WriteFlag(array.is_complete);
  writer.WriteBits(0, 1);
  writer.WriteBits(static_cast<std::uint32_t>(array.type), 6);
  writer.WriteBits(static_cast<std::uint32_t>(array.nals.size()), 16);
  for (const ByteView nal : array.nals) {
    if (nal.size() > kMaxNalSize) {
      throw Error(ErrorCode::kExec, "a parameter set is larger than hvcC can hold");
    }
    writer.WriteBits(static_cast<std::uint32_t>(nal.size()), 16);
    for (const std::uint8_t byte : nal) writer.WriteBits(byte, 8);
  }
}

void WriteProfile(const HevcProfile& profile, BitWriter& writer) {
  writer.WriteBits(static_cast<std::uint32_t>(profile.space), 2);
  writer.WriteFlag(profile.high_tier);
  writer.WriteBits(static_cast<std::uint32_t>(profile.idc), 5);
  writer.WriteBits(profile.compatibility_flags, 32);
  for (const std::uint8_t flags : profile.constraint_flags) writer.WriteBits(flags, 8);
  writer.WriteBits(static_cast<std::uint32_t>(profile.level_idc), 8);
}

// The profile to name for streams of both: the first that both say they conform to. Where there is
// none, a decoder has to know the wider one, which has the larger number.
int CombineIdc(const HevcProfile& a, const HevcProfile& b) {
  if (a.idc == b.idc) return a.idc;
  const int common = std::countl_zero(a.compatibility_flags & b.compatibility_flags);
  return common < 32 ? common : std::max(a.idc, b.idc);
}

HevcProfile Combine(const HevcProfile& a, const HevcProfile& b) {
  HevcProfile both = a;
  both.high_tier = a.high_tier || b.high_tier;
  both.idc = CombineIdc(a, b);
  both.compatibility_flags = a.compatibility_flags & b.compatibility_flags;
  for (std::size_t i = 0; i < both.constraint_flags.size(); ++i) {
    both.constraint_flags[i] &= b.constraint_flags[i];
  }
  both.level_idc = std::max(a.level_idc, b.level_idc);
  return both;
}

}  // namespace

HevcConfig ParseHevcConfig(ByteView record) {
  BitReader reader(record);
  // Files from before the standard was final say version 0 and have the same layout.
  if (reader.ReadBits(8) > 1) throw Error(ErrorCode::kExec, "hvcC is not of version 1");
  HevcConfig config{.sets = {.codec = NalCodec::kHevc}};
  config.profile = ParseProfileTierLevel(reader, 1);
  reader.SkipBits(4);
  config.min_spatial_segmentation = static_cast<int>(reader.ReadBits(12));
  reader.SkipBits(6);
  config.parallelism = static_cast<int>(reader.ReadBits(2));
  reader.SkipBits(6);
  config.chroma_format_idc = static_cast<int>(reader.ReadBits(2));
  reader.SkipBits(5);
  config.bit_depth_luma = 8 + static_cast<int>(reader.ReadBits(3));
  reader.SkipBits(5);
  config.bit_depth_chroma = 8 + static_cast<int>(reader.ReadBits(3));
  reader.SkipBits(16 + 2);  // avgFrameRate, constantFrameRate
  config.temporal_layers = static_cast<int>(reader.ReadBits(3));
  config.temporal_id_nested = reader.ReadFlag();
  config.length_size = static_cast<int>(reader.ReadBits(2)) + 1;
  const std::uint32_t arrays = reader.ReadBits(8);
  for (std::uint32_t i = 0; i < arrays; ++i) ParseArray(reader, record, config);
  return config;
}

HevcConfig MakeHevcConfig(ParameterSets sets) {
  if (sets.vps.empty() || sets.sps.empty() || sets.pps.empty()) {
    throw Error(ErrorCode::kExec, "hvcC needs a VPS, an SPS and a PPS");
  }
  const HevcSps first = ParseHevcSps(sets.sps.front());
  HevcConfig config{.profile = first.profile,
                    .chroma_format_idc = first.chroma_format_idc,
                    .bit_depth_luma = first.bit_depth_luma,
                    .bit_depth_chroma = first.bit_depth_chroma,
                    .temporal_id_nested = true};
  for (const Bytes& nal : sets.sps) {
    const HevcSps sps = ParseHevcSps(nal);
    if (sps.chroma_format_idc != first.chroma_format_idc ||
        sps.bit_depth_luma != first.bit_depth_luma ||
        sps.bit_depth_chroma != first.bit_depth_chroma ||
        sps.profile.space != first.profile.space) {
      throw Error(ErrorCode::kExec,
                  "streams of different chroma format or bit depth cannot share one hvcC");
    }
    config.profile = Combine(config.profile, sps.profile);
    config.temporal_layers = std::max(config.temporal_layers, sps.max_sub_layers);
    config.temporal_id_nested = config.temporal_id_nested && sps.temporal_id_nesting;
  }
  config.sets = std::move(sets);
  return config;
}

HevcConfig MergeHevcConfigs(std::span<const HevcConfig> configs) {
  std::vector<ParameterSets> members;
  for (const HevcConfig& config : configs) members.push_back(config.sets);
  return MakeHevcConfig(MergeParameterSets(members));
}

Bytes WriteHevcConfig(const HevcConfig& config) {
  BitWriter writer;
  writer.WriteBits(1, 8);  // configurationVersion
  WriteProfile(config.profile, writer);
  writer.WriteBits(0xf, 4);
  writer.WriteBits(static_cast<std::uint32_t>(config.min_spatial_segmentation), 12);
  writer.WriteBits(0x3f, 6);
  writer.WriteBits(static_cast<std::uint32_t>(config.parallelism), 2);
  writer.WriteBits(0x3f, 6);
  writer.WriteBits(static_cast<std::uint32_t>(config.chroma_format_idc), 2);
  writer.WriteBits(0x1f, 5);
  writer.WriteBits(static_cast<std::uint32_t>(config.bit_depth_luma - 8), 3);
  writer.WriteBits(0x1f, 5);
  writer.WriteBits(static_cast<std::uint32_t>(config.bit_depth_chroma - 8), 3);
  writer.WriteBits(0, 16 + 2);  // avgFrameRate and constantFrameRate: unspecified.
  writer.WriteBits(static_cast<std::uint32_t>(config.temporal_layers), 3);
  writer.WriteFlag(config.temporal_id_nested);
  writer.WriteBits(static_cast<std::uint32_t>(config.length_size - 1), 2);
  const std::vector<NalArray> arrays = ArraysOf(config);
  writer.WriteBits(static_cast<std::uint32_t>(arrays.size()), 8);
  for (const NalArray& array : arrays) WriteArray(array, writer);
  return writer.bytes();
}

}  // namespace opencut
