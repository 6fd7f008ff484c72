// The pictures of a plan that copies: packets taken over as they are, and chunks encoded in
// between.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bitstream/access_unit.h"
#include "bitstream/idr_conversion.h"
#include "bitstream/idr_pic_ids.h"
#include "bitstream/sample_rewriter.h"
#include "media/encoder.h"
#include "pipelines/chunk_pool.h"
#include "pipelines/copied_packets.h"
#include "pipelines/cpu_budget.h"
#include "pipelines/export_planning.h"
#include "pipelines/picture_stream.h"
#include "pipelines/runner.h"

namespace opencut {

// HDR metadata: the pictures of each copied source carry its own in band, the encoded ones as SEI
// before each keyframe. What holds for the whole stream, in the container's boxes and in hvcC, is
// that of the source the output's shape is of.
//
// `prepared` and `options` must outlive it; `runner` must be joined before it is destroyed.
class HybridPictures : public PictureStream {
 public:
  // Starts the encoding threads, `threads.others` in all, and one that reads.
  HybridPictures(const PreparedExport& prepared, const ExportOptions& options, ThreadCounts threads,
                 Runner& runner);

  std::optional<PicturePacket> Next() override;

  // For the muxer: parameter sets of every source and of the encoder, merged.
  const CodecParameters& parameters() const { return parameters_; }
  std::int64_t frames_decoded() const { return frames_decoded_.load(); }

 private:
  // One of the ways in which pictures are encoded.
  struct PictureCoding {
    FieldOrder order = FieldOrder::kProgressive;  // Else each frame is two fields.
    IdMapping ids;
    ParameterSets sets = {};
    std::unique_ptr<SampleRewriter> rewriter = nullptr;
  };
  struct Chunk {
    int run = 0;
    const VideoStep* step = nullptr;
  };

  void FindChunks();
  std::vector<CopiedSpan> FindCopies() const;
  void DescribeOutput();
  ParameterSets DescribeSource(const CopyFamily& family);
  void ChooseCodings();
  ParameterSets DescribeEncoder(PictureCoding& coding);
  ParameterSets InOutput(const ParameterSets& sets, const IdMapping& ids) const;
  const PictureCoding& CodingOf(FieldOrder order) const;
  VideoEncoderOptions EncodingOf(const Chunk& chunk, FieldOrder order, int threads) const;
  Encoder MakeEncoder(const Chunk& chunk, FieldOrder order, int threads) const;
  Packet FromEncoder(Packet packet, const PictureCoding& coding, int source) const;
  void EncodeChunk(const Chunk& chunk, ThreadCounts threads, const ChunkPool::Emit& emit);
  std::optional<PicturePacket> NextCopied(const VideoStep& step);
  void BeginConversion(const VideoStep& step);
  void SayHdrInBand(Packet& packet, int source) const;
  void ReadCopied();
  bool IsNeverShown(const Packet& packet, int source);
  bool IsLedInto(std::int64_t last_pts, int source);
  void FitIntoOutput(Packet& packet, int source, bool begins);
  PicturePacket Joined(PicturePacket picture);
  bool NextStep();
  std::int64_t OutputTicks(const PlannedRun& run, std::int64_t pts) const;

  const PreparedExport& prepared_;
  const ExportOptions& options_;
  const Plan& plan_;
  const CancellationToken token_;
  const NalCodec codec_;                // Of the output.
  std::vector<PictureCoding> codings_;  // Frames; then, where the output may hold them, fields.
  std::map<int, std::unique_ptr<SampleRewriter>> rewriters_;  // By source.
  std::map<int, std::unique_ptr<SampleRewriter>> after_conversion_;
  std::map<int, AccessUnitClassifier> classifiers_;  // By source.
  std::map<int, std::vector<Bytes>> header_hdr_;     // SEI of the source's header, by source.
  CodecParameters parameters_;
  std::vector<Chunk> chunks_;
  std::unique_ptr<ChunkPool> pool_;
  std::unique_ptr<CopiedPackets> copies_;
  std::atomic<std::int64_t> frames_decoded_{0};

  // The step that Next() stands in.
  std::size_t run_ = 0;
  std::size_t step_ = 0;
  std::size_t next_chunk_ = 0;
  bool in_step_ = false;
  std::deque<Packet> copied_;
  bool all_read_ = false;                 // Of the step's packets.
  std::optional<IdrPicIds> idr_pic_ids_;  // H.264 only.
  // Of the last picture copied at which decoding begins anew, no other IRAP behind it.
  std::optional<std::int64_t> bla_pts_;
  bool sequence_ended_ = false;  // With the last packet copied.
  std::int64_t last_copied_pts_ = INT64_MIN;
  std::optional<IdrConversion> conversion_;  // Of the step's first picture, where that is open.
};

}  // namespace opencut
