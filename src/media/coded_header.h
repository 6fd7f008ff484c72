// What a codec's own header says that a container leaves out: the parameter sets of H.264 and HEVC
// and the AudioSpecificConfig of AAC, as they stand in a stream's extradata. Where a stream has
// them, no packet needs to be read to know what it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"
#include "bitstream/video_usability.h"
#include "media/libav.h"
#include "timeline/rational.h"

namespace opencut {

struct CodedVideoHeader {
  std::string profile;  // libav's names, as is `pixel_format`.
  int level = 0;
  int width = 0;  // To show, after cropping.
  int height = 0;
  int coded_width = 0;
  int coded_height = 0;
  std::string pixel_format;
  VideoUsability usability;
  int reorder_depth = 0;    // What the stream promises; 0 when it promises nothing.
  bool frames_only = true;  // False: pictures may be coded as fields.
  Rational frame_rate;      // Pictures per second; 0: the stream does not say.
  NalFraming framing;       // Of the stream's packets.
  std::vector<Bytes> sei;   // SEI NAL units that hold for the whole stream.
};

// Nothing for another codec, and when the extradata holds no sets, damaged ones, or sets of
// different shapes.
std::optional<CodedVideoHeader> ReadCodedVideoHeader(const AVCodecParameters& parameters);

struct CodedAudioHeader {
  std::string profile;  // libav's names, all of them.
  std::string channel_layout;
  std::string sample_format;
};

// Nothing where packets must be decoded to know: AAC that is or may be SBR or PS, channels that
// only a program_config_element tells, other codecs but PCM.
std::optional<CodedAudioHeader> ReadCodedAudioHeader(const AVCodecParameters& parameters);

}  // namespace opencut
