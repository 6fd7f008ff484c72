#include "bitstream/aac_config.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"
#include "bitstream/bit_reader.h"

namespace opencut {

namespace {

constexpr int kSbr = 5;
constexpr int kScalable = 6;
constexpr int kErLc = 17;
constexpr int kErScalable = 20;
constexpr int kErBsac = 22;
constexpr int kErLd = 23;
constexpr int kPs = 29;

// Table 1.18, by samplingFrequencyIndex; 13 and 14 are reserved.
constexpr std::array<int, 13> kSampleRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                              22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::uint32_t kExplicitRate = 15;

// Table 1.19, by channelConfiguration; 0 where the table has no number.
constexpr std::array<int, 16> kChannels = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

int ReadObjectType(BitReader& reader) {
  constexpr std::uint32_t kEscape = 31;
  const std::uint32_t type = reader.ReadBits(5);
  return static_cast<int>(type == kEscape ? 32 + reader.ReadBits(6) : type);
}

int ReadSampleRate(BitReader& reader) {
  const std::uint32_t index = reader.ReadBits(4);
  int rate = 0;
  if (index == kExplicitRate) rate = static_cast<int>(reader.ReadBits(24));
  if (index < kSampleRates.size()) rate = kSampleRates[index];
  if (rate == 0) throw Error(ErrorCode::kExec, "AAC: reserved sampling frequency");
  return rate;
}

// The object types whose configuration is a GASpecificConfig, TwinVQ (7 and 21) aside.
bool HasGeneralAudioConfig(int object_type) {
  constexpr std::array<int, 10> kTypes = {1, 2, 3, 4, 6, kErLc, 19, kErScalable, kErBsac, kErLd};
  return std::find(kTypes.begin(), kTypes.end(), object_type) != kTypes.end();
}

// program_config_element() (4.4.1.1, Table 4.2); returns its number of channels.
int ReadProgramConfig(BitReader& reader) {
  reader.SkipBits(4 + 2 + 4);  // element_instance_tag, object_type, sampling_frequency_index
  const int front = static_cast<int>(reader.ReadBits(4));
  const int side = static_cast<int>(reader.ReadBits(4));
  const int back = static_cast<int>(reader.ReadBits(4));
  const int lfe = static_cast<int>(reader.ReadBits(2));
  const std::size_t associated_data = reader.ReadBits(3);
  const std::size_t coupling = reader.ReadBits(4);
  if (reader.ReadFlag()) reader.SkipBits(4);  // mono_mixdown_element_number
  if (reader.ReadFlag()) reader.SkipBits(4);  // stereo_mixdown_element_number
  if (reader.ReadFlag()) reader.SkipBits(3);  // matrix_mixdown_idx, pseudo_surround_enable
  int channels = lfe;
  for (int i = 0; i < front + side + back; ++i) {
    channels += reader.ReadFlag() ? 2 : 1;  // element_is_cpe
    reader.SkipBits(4);                     // element_tag_select
  }
  reader.SkipBits(4 * static_cast<std::size_t>(lfe) + 4 * associated_data + 5 * coupling);
  reader.SkipBits((8 - reader.position() % 8) % 8);
  reader.SkipBits(8 * std::size_t{reader.ReadBits(8)});  // comment_field_data
  return channels;
}

// GASpecificConfig() (4.4.1, Table 4.1).
void ReadGeneralAudioConfig(BitReader& reader, AacConfig& config) {
  const int type = config.core_object_type;
  const bool is_short = reader.ReadFlag();  // frameLengthFlag
  config.frame_samples = type == kErLd ? (is_short ? 480 : 512) : (is_short ? 960 : 1024);
  if (reader.ReadFlag()) reader.SkipBits(14);  // coreCoderDelay
  const bool has_extension = reader.ReadFlag();
  if (config.channel_configuration == 0) config.channels = ReadProgramConfig(reader);
  if (type == kScalable || type == kErScalable) reader.SkipBits(3);  // layerNr
  if (!has_extension) return;
  if (type == kErBsac) reader.SkipBits(5 + 11);  // numOfSubFrame, layer_length
  if (type == kErLc || type == 19 || type == kErScalable || type == kErLd) reader.SkipBits(3);
  reader.SkipBits(1);  // extensionFlag3
}

// The backward compatible signalling of SBR and PS after the core's configuration (1.6.6.1).
void ReadSyncExtension(BitReader& reader, AacConfig& config) {
  constexpr std::uint32_t kSbrSync = 0x2b7;
  constexpr std::uint32_t kPsSync = 0x548;
  if (reader.remaining() < 16 || reader.ReadBits(11) != kSbrSync) return;
  if (ReadObjectType(reader) != kSbr || !reader.ReadFlag()) return;
  config.sbr = true;
  config.extension_sample_rate = ReadSampleRate(reader);
  if (reader.remaining() < 12 || reader.ReadBits(11) != kPsSync) return;
  config.ps = reader.ReadFlag();
}

}  // namespace

AacConfig ParseAacConfig(ByteView bytes) {
  BitReader reader(bytes);
  AacConfig config;
  config.object_type = ReadObjectType(reader);
  config.sample_rate = ReadSampleRate(reader);
  config.channel_configuration = static_cast<int>(reader.ReadBits(4));
  config.core_object_type = config.object_type;
  if (config.object_type == kSbr || config.object_type == kPs) {
    config.sbr = true;
    config.ps = config.object_type == kPs;
    config.extension_sample_rate = ReadSampleRate(reader);
    config.core_object_type = ReadObjectType(reader);
    if (config.core_object_type == kErBsac) reader.SkipBits(4);  // extensionChannelConfiguration
  }
  if (!HasGeneralAudioConfig(config.core_object_type)) {
    throw Error(ErrorCode::kExec, "AAC: audio object type " +
                                      std::to_string(config.core_object_type) + " is not known");
  }
  ReadGeneralAudioConfig(reader, config);
  const bool is_error_resilient = config.core_object_type >= kErLc;
  if (!config.sbr && !is_error_resilient) ReadSyncExtension(reader, config);

  const int channels = kChannels[static_cast<std::size_t>(config.channel_configuration)];
  if (channels != 0) config.channels = channels;
  if (config.ps && config.channels == 1) config.channels = 2;
  return config;
}

}  // namespace opencut
