// The pictures of an output that is encoded anew: at the output's own instants, on its canvas.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/bounded_queue.h"
#include "media/encoder.h"
#include "pipelines/cpu_budget.h"
#include "pipelines/export_planning.h"
#include "pipelines/picture_stream.h"
#include "pipelines/runner.h"

namespace opencut {

// One thread decodes and chooses, one scales; encoding happens in Next(), on the encoder's own
// threads. `prepared` must outlive it; `runner` must be joined before it is destroyed.
class CanvasPictures : public PictureStream {
 public:
  CanvasPictures(const PreparedExport& prepared, const ExportOptions& options, ThreadCounts threads,
                 Runner& runner);

  std::optional<PicturePacket> Next() override;

  // For the muxer.
  const CodecParameters& parameters() const { return parameters_; }
  int reorder_depth() const { return encoder_.reorder_depth(); }
  std::int64_t frames_decoded() const { return frames_decoded_.load(); }

 private:
  // A picture and the output pictures that show it.
  struct Shown {
    Frame frame;
    int run = 0;
    std::int64_t first = 0;  // Number of the output picture.
    std::int64_t count = 0;
  };

  void Decode();
  void DecodeRun(int run);
  void Scale();
  bool Feed();
  int RunAt(std::int64_t picture) const;

  const PreparedExport& prepared_;
  const Plan& plan_;
  const CancellationToken token_;
  const int threads_;  // Of a decoder and of a filter.
  Encoder encoder_;
  CodecParameters parameters_;
  BoundedQueue<Shown> decoded_;
  BoundedQueue<Shown> scaled_;
  std::optional<Shown> sending_;
  bool drained_ = false;
  std::atomic<std::int64_t> frames_decoded_{0};
};

}  // namespace opencut
