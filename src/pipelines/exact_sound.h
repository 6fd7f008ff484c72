// Sound that is decoded, placed to the sample and encoded anew, on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bounded_queue.h"
#include "media/encoder.h"
#include "pipelines/export_planning.h"
#include "pipelines/runner.h"
#include "pipelines/sound_reader.h"
#include "pipelines/sound_stream.h"

namespace opencut {

// `prepared` must outlive it; `runner` must be joined before it is destroyed.
class ExactSound : public SoundStream {
 public:
  // Starts the thread. REQUIRES: the plan has sound.
  ExactSound(const PreparedExport& prepared, Runner& runner);

  std::optional<Packet> Next() override { return packets_.Pop(); }
  std::int64_t packets_copied() const override { return 0; }
  const CodecParameters& parameters() const override { return parameters_; }

 private:
  void Produce();
  void PushPackets();

  const PreparedExport& prepared_;
  const CancellationToken token_;
  Encoder encoder_;
  CodecParameters parameters_;
  BoundedQueue<Packet> packets_;
};

}  // namespace opencut
