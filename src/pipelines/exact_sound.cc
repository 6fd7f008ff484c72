#include "pipelines/exact_sound.h"

#include <algorithm>
#include <utility>

#include "pipelines/encoder_settings.h"
#include "pipelines/sound_mix.h"

namespace opencut {
namespace {

constexpr std::size_t kQueueBytes = std::size_t{1} << 20;
constexpr int kBlockSamples = 1024;  // For encoders that take any number.

}  // namespace

ExactSound::ExactSound(const PreparedExport& prepared, Runner& runner)
    : prepared_(prepared),
      token_(runner.token()),
      encoder_(SoundEncoding(*prepared.planned.plan.audio, prepared.planned.audio_bit_rate)),
      parameters_(encoder_.parameters()),
      packets_(kQueueBytes, token_) {
  runner.Start([this] { Produce(); });
}

void ExactSound::PushPackets() {
  while (std::optional<Packet> packet = encoder_.Receive()) {
    const std::size_t size_bytes = packet->size_bytes();
    packets_.Push(std::move(*packet), size_bytes);
  }
}

void ExactSound::Produce() {
  const PlannedAudio& audio = *prepared_.planned.plan.audio;
  const SoundFormat format{audio.sample_rate, audio.channel_layout, audio.channels};
  SoundMix mix(SoundSpans(prepared_.planned.plan, *prepared_.sources), *prepared_.sources, format,
               token_);
  const int frame_samples = encoder_.frame_size() > 0 ? encoder_.frame_size() : kBlockSamples;
  std::int64_t position = 0;
  while (true) {
    token_.ThrowIfCancelled();
    const Samples samples = mix.Read(frame_samples);
    const std::size_t count = samples.front().size();
    if (count == 0) break;
    Frame frame = Frame::Audio(format.sample_rate, format.channel_layout, static_cast<int>(count));
    for (int channel = 0; channel < format.channels; ++channel) {
      const std::vector<float>& from = samples[static_cast<std::size_t>(channel)];
      std::copy(from.begin(), from.end(), frame.mutable_samples(channel).begin());
    }
    frame.SetPts(position);
    position += static_cast<std::int64_t>(count);
    while (!encoder_.Send(frame)) PushPackets();
    PushPackets();
  }
  encoder_.Drain();
  PushPackets();
  packets_.Close();
}

}  // namespace opencut
