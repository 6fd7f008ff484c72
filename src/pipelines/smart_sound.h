// AAC frames taken over as they are, laid on the output's own grid of frames; coded anew are only
// those around joints, and what is not there to be copied.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/bounded_queue.h"
#include "pipelines/aac_splice_coder.h"
#include "pipelines/export_planning.h"
#include "pipelines/runner.h"
#include "pipelines/smart_run.h"
#include "pipelines/sound_mix.h"
#include "pipelines/sound_stream.h"

namespace opencut {

// A decoder makes frame m of packets m - 1 and m. A packet is copied where both frames it has part
// in lie within one run, crossfades apart. Every run's sound is moved by at most half a frame, so
// that its own frames fall on the grid; placed from the timeline, the error does not grow. The grid
// lies where the least is moved: not at all where all runs come from clocks in step, as those of
// one recording are, or from one. `prepared` must outlive it; `runner` must be joined before it is
// destroyed.
class SmartSound : public SoundStream {
 public:
  // Starts the thread. REQUIRES: the plan has sound of mode kSmart.
  SmartSound(const PreparedExport& prepared, Runner& runner);

  std::optional<Packet> Next() override;
  const CodecParameters& parameters() const override { return parameters_; }
  std::int64_t packets_copied() const override { return packets_copied_; }

 private:
  struct Given {
    Packet packet;
    bool copied = false;
  };

  void AddSpan(SoundSpan span);
  void LayOut();
  FrameGrid ElectGrid() const;
  void Produce();
  bool IsWhole(SmartRun& run, std::int64_t frame);
  bool CopiesAt(std::int64_t frame);
  void Copy(std::int64_t frame);
  void Encode(std::int64_t frame);
  AacOverlap OverlapBehind(std::int64_t frame, const AacOverlap& before);
  const Samples& Mixed(std::int64_t frame);
  void Push(Packet packet, std::int64_t frame, bool copied);
  SmartRun* RunOf(std::int64_t frame);

  const PreparedExport& prepared_;
  const CancellationToken token_;
  const SoundFormat format_;
  CodecParameters parameters_;
  AacSpliceCoder coder_;
  std::vector<SoundSpan> spans_;
  FrameGrid grid_;
  std::deque<std::unique_ptr<SmartRun>> runs_;  // That may be copied, those done with left out.
  std::int64_t sample_count_ = 0;               // Of the whole output.
  std::int64_t frame_count_ = 0;
  std::int64_t copy_from_ = INT64_MIN;  // No frame before is copied.
  AacOverlap last_;                     // What the packet given last leaves to the next.
  std::optional<SoundMix> mix_;
  std::int64_t mixed_until_ = 0;  // Samples.
  Samples mixed_;                 // The 2048 samples before.
  BoundedQueue<Given> packets_;
  std::int64_t packets_copied_ = 0;
};

}  // namespace opencut
