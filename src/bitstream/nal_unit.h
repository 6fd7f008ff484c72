// NAL units of H.264 (7.3.1) and HEVC (7.3.1): finding them in samples, telling them apart, and
// emulation prevention. A "NAL unit" here is its header and payload, without start code or length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/bytes.h"

namespace opencut {

enum class NalCodec { kH264, kHevc };

// nal_unit_type, H.264 Table 7-1. Other values occur.
enum class H264NalType : std::uint8_t {
  kSlice = 1,
  kSlicePartitionA = 2,
  kSliceIdr = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kAccessUnitDelimiter = 9,
  kEndOfSequence = 10,
  kEndOfStream = 11,
  kFiller = 12,
  kSpsExtension = 13,
  kPrefix = 14,
  kSubsetSps = 15,
  kAuxiliarySlice = 19,
  kSliceExtension = 20,
  kSliceExtension3d = 21,
};

// nal_unit_type, HEVC Table 7-1. Other values occur.
enum class HevcNalType : std::uint8_t {
  kTrailN = 0,
  kTrailR = 1,
  kRadlN = 6,
  kRadlR = 7,
  kRaslN = 8,
  kRaslR = 9,
  kBlaWLp = 16,
  kBlaWRadl = 17,
  kBlaNLp = 18,
  kIdrWRadl = 19,
  kIdrNLp = 20,
  kCra = 21,
  kLastReservedIrap = 23,
  kVps = 32,
  kSps = 33,
  kPps = 34,
  kAccessUnitDelimiter = 35,
  kEndOfSequence = 36,
  kEndOfBitstream = 37,
  kFiller = 38,
  kPrefixSei = 39,
  kSuffixSei = 40,
  // Unspecified by the standard.
  kDolbyVisionMetadata = 62,
  kDolbyVisionEnhancement = 63,
};

// REQUIRES: !nal.empty().
inline H264NalType H264TypeOf(ByteView nal) { return static_cast<H264NalType>(nal[0] & 0x1f); }
inline HevcNalType HevcTypeOf(ByteView nal) {
  return static_cast<HevcNalType>((nal[0] >> 1) & 0x3f);
}
// nuh_layer_id; 0 is the base layer. REQUIRES: nal.size() >= 2.
inline int HevcLayerOf(ByteView nal) { return (nal[0] & 1) << 5 | nal[1] >> 3; }

// Bytes of nal_unit_header(): 1 or 2.
inline std::size_t NalHeaderSize(NalCodec codec) { return codec == NalCodec::kH264 ? 1 : 2; }

bool IsParameterSet(NalCodec codec, ByteView nal);
bool IsSei(NalCodec codec, ByteView nal);
// Whether it holds coded picture data (of the base layer, for HEVC) that starts with a slice
// header.
bool IsSlice(NalCodec codec, ByteView nal);

// Of SVC and MVC of H.264, or a layer of HEVC above the base.
bool IsBeyondBaseLayer(NalCodec codec, ByteView nal);

// How the NAL units of a sample are told apart: by a big-endian length of 1 to 4 bytes before each
// (MP4, Matroska), or by start codes (Annex B; length_size 0).
struct NalFraming {
  int length_size = 4;
  bool IsAnnexB() const { return length_size == 0; }
  friend bool operator==(const NalFraming&, const NalFraming&) = default;
};
inline constexpr NalFraming kAnnexB{.length_size = 0};

// How much of a sample there is.
enum class SampleExtent {
  kWhole,
  kStart,  // What follows was not read: the last NAL unit may be cut off.
};

// Walks the NAL units of one sample, which must outlive it.
class NalUnitReader {
 public:
  // Throws Error(kBadArgs) for a length size other than 0 to 4.
  NalUnitReader(ByteView sample, NalFraming framing, SampleExtent extent = SampleExtent::kWhole);
  // The next NAL unit, never empty; nothing at the end. Empty NAL units and zero padding are passed
  // over. Throws Error(kExec) for a length that exceeds a whole sample.
  std::optional<ByteView> Next();

 private:
  std::optional<ByteView> NextLengthPrefixed();
  std::optional<ByteView> NextAnnexB();

  ByteView rest_;
  NalFraming framing_;
  SampleExtent extent_;
};

std::vector<ByteView> SplitNalUnits(ByteView sample, NalFraming framing);

// The NAL unit without its emulation_prevention_three_bytes (7.4.1): header, then RBSP. Stops after
// `max_bytes` bytes of result.
Bytes StripEmulationPrevention(ByteView nal, std::size_t max_bytes = SIZE_MAX);
// The inverse: header and RBSP in, NAL unit out.
Bytes InsertEmulationPrevention(ByteView raw);

// Appends the NAL unit after its length in 4 bytes, big-endian.
void AppendLengthPrefixed(ByteView nal, Bytes& sample);
// The same for a NAL unit that is written in place: between the two calls, behind what is there.
// The first gives what the second takes.
std::size_t BeginLengthPrefixed(Bytes& sample);
void EndLengthPrefixed(std::size_t begin, Bytes& sample);

// What to leave out of a sample.
struct NalFilter {
  bool parameter_sets = false;
  bool access_unit_delimiters = false;
  bool encoder_options = false;  // SEI that hold only the options text of x264 or x265.
  bool dolby_vision = false;     // HEVC only: what a base layer is turned into Dolby Vision with.
};

bool IsFiltered(NalCodec codec, const NalFilter& filter, ByteView nal);

// The sample with 4-byte lengths, without what the filter names.
// Throws Error(kExec) for a malformed sample.
Bytes ToLengthPrefixed(NalCodec codec, ByteView sample, NalFraming framing,
                       const NalFilter& filter);

}  // namespace opencut
