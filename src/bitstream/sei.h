// Supplemental enhancement information (H.264 7.3.2.3 and Annex D, HEVC 7.3.2.4 and Annex D).
#pragma once

#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"

namespace opencut {

struct SeiMessage {
  int type = 0;     // payloadType.
  Bytes payload{};  // Without emulation prevention.
};

// payloadType of the messages this library looks at. Active parameter sets and decoding units exist
// in HEVC only.
inline constexpr int kSeiBufferingPeriod = 0;
inline constexpr int kSeiPictureTiming = 1;
inline constexpr int kSeiUserDataUnregistered = 5;
inline constexpr int kSeiRecoveryPoint = 6;
inline constexpr int kSeiActiveParameterSets = 129;
inline constexpr int kSeiDecodingUnit = 130;
inline constexpr int kSeiMasteringDisplay = 137;
inline constexpr int kSeiContentLight = 144;
inline constexpr int kSeiAlternativeTransfer = 147;
inline constexpr int kSeiAmbientViewing = 148;
inline constexpr int kSeiContentColourVolume = 149;

// The messages of a SEI NAL unit; one that is cut off is left out, as decoders do.
std::vector<SeiMessage> ParseSei(NalCodec codec, ByteView nal);

// A SEI NAL unit with `header`'s NAL unit header and these messages.
Bytes WriteSei(NalCodec codec, ByteView header, const std::vector<SeiMessage>& messages);

// Whether the message is the text in which x264 or x265 writes down its version and options.
bool IsEncoderOptions(const SeiMessage& message);

// Recovery point SEI of H.264 (D.1.8).
struct RecoveryPoint {
  int recovery_frame_count = 0;  // recovery_frame_cnt, in frame_num increments.
  bool exact_match = false;
  bool broken_link = false;
};
// Throws Error(kExec) when the payload is too short.
RecoveryPoint ParseRecoveryPoint(const SeiMessage& message);

}  // namespace opencut
