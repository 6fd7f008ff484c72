#include "bitstream/parameter_set_ids.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/slice_remap.h"

namespace opencut {

namespace {

constexpr int kVpsIds = 16;
constexpr int kH264SpsIds = 32;
constexpr int kHevcSpsIds = 16;
constexpr int kH264PpsIds = 256;
constexpr int kHevcPpsIds = 64;

void RemapUe(const std::map<int, int>& ids, const char* kind, BitReader& reader,
             BitWriter& writer) {
  const std::uint32_t id = reader.ReadUeUpTo(255, kind);
  writer.WriteUe(static_cast<std::uint32_t>(NewId(ids, static_cast<int>(id), kind)));
}

void RemapVpsId(const std::map<int, int>& ids, BitReader& reader, BitWriter& writer) {
  const int id = static_cast<int>(reader.ReadBits(4));
  writer.WriteBits(static_cast<std::uint32_t>(NewId(ids, id, "VPS")), 4);
}

// Moves everything up to and including the id fields, which come first in each kind of set.
void RemapH264Ids(H264NalType type, const IdMapping& mapping, BitReader& reader,
                  BitWriter& writer) {
  switch (type) {
    case H264NalType::kSps:
      writer.CopyBits(reader, 24);  // profile_idc, constraint flags, level_idc
      return RemapUe(mapping.sps, "SPS", reader, writer);
    case H264NalType::kSpsExtension:
      return RemapUe(mapping.sps, "SPS", reader, writer);
    case H264NalType::kPps:
      RemapUe(mapping.pps, "PPS", reader, writer);
      return RemapUe(mapping.sps, "SPS", reader, writer);
    default:
      throw Error(ErrorCode::kExec, "not an H.264 parameter set");
  }
}

void RemapHevcIds(HevcNalType type, const IdMapping& mapping, BitReader& reader,
                  BitWriter& writer) {
  switch (type) {
    case HevcNalType::kVps:
      return RemapVpsId(mapping.vps, reader, writer);
    case HevcNalType::kSps: {
      RemapVpsId(mapping.vps, reader, writer);
      BitReader ahead = reader;
      const int max_sub_layers = static_cast<int>(ahead.ReadBits(3)) + 1;
      ahead.SkipBits(1);  // sps_temporal_id_nesting_flag
      ParseProfileTierLevel(ahead, max_sub_layers);
      writer.CopyBits(reader, ahead.position() - reader.position());
      return RemapUe(mapping.sps, "SPS", reader, writer);
    }
    case HevcNalType::kPps:
      RemapUe(mapping.pps, "PPS", reader, writer);
      return RemapUe(mapping.sps, "SPS", reader, writer);
    default:
      throw Error(ErrorCode::kExec, "not an HEVC parameter set");
  }
}

using Slots = std::vector<std::optional<Bytes>>;

bool AnyId(int /*from*/, int /*to*/) { return true; }

// The id for one set, whose entry in `ids` (a member of `mapping`) it changes: one that an equal
// set has already, else its own, else a free one.
bool PlaceOne(NalCodec codec, ByteView nal, bool (*may_become)(int from, int to),
              const IdMapping& mapping, int& id, Slots& slots) {
  const int own_id = id;
  std::optional<int> free_id;
  const auto try_id = [&](int candidate) {
    const std::optional<Bytes>& slot = slots[static_cast<std::size_t>(candidate)];
    if (!slot && !free_id) free_id = candidate;
    id = candidate;
    return slot && *slot == RemapParameterSet(codec, nal, mapping);
  };
  if (try_id(own_id)) return true;
  // In HEVC later families get higher ids; in H.264 lower ones, which leaves the lowest numbers to
  // ReserveEncoderIds().
  const int count = static_cast<int>(slots.size());
  for (int i = 0; i < count; ++i) {
    const int candidate = codec == NalCodec::kHevc ? i : count - 1 - i;
    if (candidate != own_id && may_become(own_id, candidate) && try_id(candidate)) return true;
  }
  if (!free_id) return false;
  id = *free_id;
  slots[static_cast<std::size_t>(id)] = RemapParameterSet(codec, nal, mapping);
  return true;
}

// Finds ids for all sets of one kind. `ids` is the member of `mapping` for that kind.
bool Place(NalCodec codec, const std::vector<Bytes>& sets, bool (*may_become)(int from, int to),
           const IdMapping& mapping, std::map<int, int>& ids, Slots& slots) {
  for (const Bytes& nal : sets) {
    const int own_id = ParameterSetId(codec, nal);
    const auto [entry, is_new] = ids.emplace(own_id, own_id);
    if (!is_new) {
      throw Error(ErrorCode::kExec,
                  "two different parameter sets have the id " + std::to_string(own_id));
    }
    if (!PlaceOne(codec, nal, may_become, mapping, entry->second, slots)) return false;
  }
  return true;
}

// The last one that nobody has and id 0 may become.
std::optional<int> LastFreeId(const Slots& slots, bool (*may_become)(int from, int to)) {
  for (int id = static_cast<int>(slots.size()) - 1; id >= 0; --id) {
    if (!slots[static_cast<std::size_t>(id)] && may_become(0, id)) return id;
  }
  return std::nullopt;
}

}  // namespace

bool IsIdentity(const std::map<int, int>& ids) {
  return std::all_of(ids.begin(), ids.end(),
                     [](const auto& pair) { return pair.first == pair.second; });
}

int NewId(const std::map<int, int>& ids, int id, const char* kind) {
  const auto found = ids.find(id);
  if (found == ids.end()) {
    throw Error(ErrorCode::kExec, std::string(kind) + " " + std::to_string(id) +
                                      " is used, but the stream's header lacks it");
  }
  return found->second;
}

Bytes RemapParameterSet(NalCodec codec, ByteView nal, const IdMapping& mapping) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader(raw);
  BitWriter writer;
  writer.CopyBits(reader, NalHeaderSize(codec) * 8);
  if (codec == NalCodec::kH264) {
    RemapH264Ids(H264TypeOf(raw), mapping, reader, writer);
  } else {
    RemapHevcIds(HevcTypeOf(raw), mapping, reader, writer);
  }
  const std::size_t stop_bit = reader.StopBitPosition();
  if (stop_bit < reader.position()) throw Error(ErrorCode::kExec, "a parameter set is truncated");
  writer.CopyBits(reader, stop_bit - reader.position());
  writer.WriteTrailingBits();
  return InsertEmulationPrevention(writer.bytes());
}

ParameterSets RemapParameterSets(const ParameterSets& sets, const IdMapping& mapping) {
  ParameterSets remapped = sets;
  for (std::vector<Bytes>* list :
       {&remapped.vps, &remapped.sps, &remapped.pps, &remapped.sps_extensions}) {
    for (Bytes& nal : *list) nal = RemapParameterSet(sets.codec, nal, mapping);
  }
  return remapped;
}

IdAllocation::IdAllocation(NalCodec codec)
    : codec_(codec),
      vps_(codec == NalCodec::kHevc ? kVpsIds : 0),
      sps_(codec == NalCodec::kHevc ? kHevcSpsIds : kH264SpsIds),
      pps_(codec == NalCodec::kHevc ? kHevcPpsIds : kH264PpsIds) {}

std::optional<IdMapping> IdAllocation::Add(const ParameterSets& family) {
  IdAllocation next = *this;
  IdMapping mapping;
  // In this order, since an SPS names its VPS and a PPS its SPS.
  if (!Place(codec_, family.vps, AnyId, mapping, mapping.vps, next.vps_) ||
      !Place(codec_, family.sps, AnyId, mapping, mapping.sps, next.sps_) ||
      !Place(codec_, family.pps, CanRemapPpsId, mapping, mapping.pps, next.pps_)) {
    return std::nullopt;
  }
  *this = std::move(next);
  return mapping;
}

std::optional<IdMapping> IdAllocation::ReserveEncoderIds() {
  IdMapping mapping;
  if (codec_ == NalCodec::kH264) {
    for (std::size_t id = 0; id < sps_.size(); ++id) {
      if (sps_[id] || pps_[id]) continue;
      const int number = static_cast<int>(id);
      sps_[id].emplace();
      pps_[id].emplace();
      mapping.sps[number] = mapping.pps[number] = number;
      return mapping;
    }
    return std::nullopt;
  }
  const auto vps = LastFreeId(vps_, AnyId);
  const auto sps = LastFreeId(sps_, AnyId);
  const auto pps = LastFreeId(pps_, CanRemapPpsId);
  if (!vps || !sps || !pps) return std::nullopt;
  for (auto [slots, id] :
       {std::pair(&vps_, *vps), std::pair(&sps_, *sps), std::pair(&pps_, *pps)}) {
    (*slots)[static_cast<std::size_t>(id)].emplace();
  }
  mapping.vps[0] = *vps;
  mapping.sps[0] = *sps;
  mapping.pps[0] = *pps;
  return mapping;
}

}  // namespace opencut
