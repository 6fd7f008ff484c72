// AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1): the extradata of AAC.
#pragma once

#include <cstdint>
#include <optional>

#include "bitstream/bytes.h"

namespace opencut {

struct AacConfig {
  int object_type = 2;            // audioObjectType: 2 is AAC-LC, 5 SBR, 29 PS.
  int core_object_type = 2;       // What is under SBR or PS; else as object_type.
  int sample_rate = 0;            // Hz, of the core coder.
  int channel_configuration = 0;  // 0: a program_config_element says.
  // Of the output, where the program_config_element or the configuration says; PS makes mono
  // stereo.
  std::optional<int> channels;
  bool sbr = false;  // Signalled; unset does not rule out SBR in the payload (implicit signalling).
  bool ps = false;
  int extension_sample_rate = 0;  // Hz, after SBR; 0 without it.
  int frame_samples = 1024;  // Samples per frame and channel of the core coder: 1024 or 960; 512 or
                             // 480 for low delay (23).

  friend bool operator==(const AacConfig&, const AacConfig&) = default;
};

// Throws Error(kExec) for a config that is truncated or uses reserved values.
AacConfig ParseAacConfig(ByteView config);

}  // namespace opencut
