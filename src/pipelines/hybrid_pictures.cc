#include "pipelines/hybrid_pictures.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "bitstream/bla.h"
#include "bitstream/extradata.h"
#include "bitstream/hdr_sei.h"
#include "bitstream/sps_timing.h"
#include "media/video_headers.h"
#include "pipelines/encoder_settings.h"
#include "pipelines/frame_reader.h"
#include "pipelines/picture_filter.h"
#include "timeline/dolby_vision_plan.h"

namespace opencut {
namespace {

// Whether a player can begin at such a picture. Containers flag other I pictures of H.264 too, but
// a player that seeks there breaks (7.4.1.2.4: only an IDR starts a coded video sequence).
bool IsEntryPoint(PictureKind kind) {
  return kind == PictureKind::kIdr || kind == PictureKind::kCra || kind == PictureKind::kBla;
}

// Planning sees the packets around cuts only.
void RequireWholeFrame(const AccessUnit& unit) {
  if (!unit.lone_field) return;
  throw Error(ErrorCode::kExec, "a sample holds a field without the other of its frame", {},
              "use mode \"reencode\"");
}

void Deliver(Encoder& encoder, const std::function<void(Packet)>& take) {
  while (std::optional<Packet> packet = encoder.Receive()) take(std::move(*packet));
}

// IdrPicIds sees to it that neighbours differ.
constexpr std::uint32_t kAnyIdrPicId = 0;

// HDR metadata, which x265 lists beside its sets, is each source's own.
bool SameSets(ParameterSets a, const ParameterSets& b) {
  a.sei = b.sei;
  return a == b;
}

// Where nothing is copied, the encoder's sets stand alone under their own ids.
IdMapping OwnIds(int id) {
  IdMapping own;
  own.vps[id] = own.sps[id] = own.pps[id] = id;
  return own;
}

// What the run's pictures are to be made.
VideoParams ShapeOf(const PlannedRun& run, const Plan& plan) {
  VideoParams shape = plan.video.shape;
  shape.interlaced = run.keeps_fields;
  return shape;
}

}  // namespace

HybridPictures::HybridPictures(const PreparedExport& prepared, const ExportOptions& options,
                               ThreadCounts threads, Runner& runner)
    : prepared_(prepared),
      options_(options),
      plan_(prepared.planned.plan),
      token_(runner.token()),
      codec_(NalCodecOf(plan_.video.shape).value_or(NalCodec::kH264)) {
  FindChunks();
  DescribeOutput();
  copies_ = std::make_unique<CopiedPackets>(FindCopies(), runner);
  if (chunks_.empty()) return;
  const auto count = static_cast<int>(chunks_.size());
  const ThreadCounts workers{.encoder = std::min(threads.encoder, count),
                             .others = std::min(threads.others, count)};
  const ThreadCounts threads_each = threads.Each(workers);
  pool_ = std::make_unique<ChunkPool>(
      chunks_.size(), workers.others,
      [this, threads_each](std::size_t index, const ChunkPool::Emit& emit) {
        EncodeChunk(chunks_[index], threads_each, emit);
      },
      runner);
}

void HybridPictures::FindChunks() {
  for (std::size_t run = 0; run < plan_.runs.size(); ++run) {
    for (const VideoStep& step : plan_.runs[run].steps) {
      if (step.kind == StepKind::kEncode) chunks_.push_back({static_cast<int>(run), &step});
    }
  }
}

std::vector<CopiedSpan> HybridPictures::FindCopies() const {
  std::vector<CopiedSpan> spans;
  for (const PlannedRun& run : plan_.runs) {
    for (const VideoStep& step : run.steps) {
      if (step.kind != StepKind::kCopy) continue;
      spans.push_back({.source = &prepared_.sources->at(run.range.source),
                       .source_index = run.range.source,
                       .segment = run.range.first_segment,
                       .first_ordinal = step.first_ordinal,
                       .end_ordinal = step.end_ordinal});
    }
  }
  return spans;
}

void HybridPictures::DescribeOutput() {
  std::vector<ParameterSets> members;
  const std::vector<int>& copied = plan_.video.copied_sources;
  for (const CopyFamily& family : prepared_.families) {
    if (std::find(copied.begin(), copied.end(), family.source) == copied.end()) continue;
    members.push_back(DescribeSource(family));
  }
  const int any_source = plan_.runs.front().range.source;
  parameters_ =
      prepared_.sources->at(copied.empty() ? any_source : copied.front()).picture()->parameters;
  if (!chunks_.empty()) ChooseCodings();
  for (PictureCoding& coding : codings_) members.push_back(DescribeEncoder(coding));
  if (members.size() == 1) header_hdr_.clear();
  if (plan_.video.shape.interlaced) parameters_.SetFieldOrder(plan_.video.shape.field_order);
  parameters_.SetDisplayMatrix(plan_.video.shape.display_matrix);
  parameters_.DropCodingSideData(plan_.video.shape.dolby_vision.has_value());
  const ParameterSets sets = MergeParameterSets(members);
  if (codec_ == NalCodec::kH264) idr_pic_ids_.emplace(ParseH264Sets(sets));
  parameters_.SetExtradata(WriteExtradata(sets));
  parameters_.SetCodecTag(codec_ == NalCodec::kH264 ? "avc1" : "hvc1");
}

ParameterSets HybridPictures::DescribeSource(const CopyFamily& family) {
  const VideoParams& params = *prepared_.sources->at(family.source).video_params();
  const Extradata headers = *HeadersOf(params);
  SampleRewriterOptions options{.framing = headers.framing,
                                .drop_dolby_vision = LosesDolbyVision(params, plan_.video.shape)};
  rewriters_[family.source] =
      std::make_unique<SampleRewriter>(headers.sets, family.mapping, options);
  options.framing = NalFraming();  // What a conversion gives.
  after_conversion_[family.source] =
      std::make_unique<SampleRewriter>(headers.sets, family.mapping, options);
  classifiers_.try_emplace(family.source, headers.sets, headers.framing);
  for (const Bytes& sei : headers.sets.sei) {
    if (!HdrMessageTypes(codec_, sei).empty()) header_hdr_[family.source].push_back(sei);
  }
  return InOutput(headers.sets, family.mapping);
}

void HybridPictures::ChooseCodings() {
  const bool alone = plan_.video.copied_sources.empty();
  codings_.push_back({.ids = alone ? OwnIds(0) : prepared_.encoder_ids});
  if (!plan_.video.shape.interlaced) return;
  codings_.push_back(
      {.order = FieldOrder::kTopFirst, .ids = alone ? OwnIds(1) : prepared_.field_encoder_ids});
}

ParameterSets HybridPictures::DescribeEncoder(PictureCoding& coding) {
  const Encoder encoder(BesideCopies(plan_, options_, coding.ids, coding.order, 1));
  const Extradata headers = ParseExtradata(codec_, encoder.extradata());
  coding.sets = headers.sets;
  coding.rewriter =
      std::make_unique<SampleRewriter>(headers.sets, coding.ids,
                                       SampleRewriterOptions{.framing = headers.framing,
                                                             .drop_access_unit_delimiters = true,
                                                             .drop_encoder_options = true});
  if (plan_.video.copied_sources.empty()) parameters_ = encoder.parameters();
  return InOutput(headers.sets, coding.ids);
}

ParameterSets HybridPictures::InOutput(const ParameterSets& sets, const IdMapping& ids) const {
  ParameterSets renumbered = RemapParameterSets(sets, ids);
  return codec_ == NalCodec::kH264 ? WithoutTiming(std::move(renumbered)) : renumbered;
}

std::int64_t HybridPictures::OutputTicks(const PlannedRun& run, std::int64_t pts) const {
  const Rational& source_time_base = prepared_.sources->at(run.range.source).picture()->time_base;
  return ToTicks(OutputTime(run, pts, source_time_base), plan_.video.time_base, Rounding::kNearest);
}

const HybridPictures::PictureCoding& HybridPictures::CodingOf(FieldOrder order) const {
  return order == FieldOrder::kProgressive ? codings_.front() : codings_.back();
}

VideoEncoderOptions HybridPictures::EncodingOf(const Chunk& chunk, FieldOrder order,
                                               int threads) const {
  VideoEncoderOptions encoding = BesideCopies(plan_, options_, CodingOf(order).ids, order, threads);
  const PlannedRun& run = plan_.runs[static_cast<std::size_t>(chunk.run)];
  if (!run.copyable) return encoding;
  if (!options_.crf) AllowForStillScene(encoding, *chunk.step);
  encoding.hdr = prepared_.sources->at(run.range.source).video_params()->hdr;
  return encoding;
}

Encoder HybridPictures::MakeEncoder(const Chunk& chunk, FieldOrder order, int threads) const {
  Encoder encoder(EncodingOf(chunk, order, threads));
  if (!SameSets(ParseExtradata(codec_, encoder.extradata()).sets, CodingOf(order).sets)) {
    throw Error(ErrorCode::kExec,
                "the encoder's parameter sets are not the same for all stretches");
  }
  return encoder;
}

Packet HybridPictures::FromEncoder(Packet packet, const PictureCoding& coding, int source) const {
  if (std::optional<Bytes> bytes = coding.rewriter->Rewrite(packet.bytes())) {
    packet.ReplaceBytes(std::move(*bytes));
  }
  if (packet.keyframe()) SayHdrInBand(packet, source);
  return packet;
}

void HybridPictures::EncodeChunk(const Chunk& chunk, ThreadCounts threads,
                                 const ChunkPool::Emit& emit) {
  const PlannedRun& run = plan_.runs[static_cast<std::size_t>(chunk.run)];
  SourceFile& source = prepared_.sources->at(run.range.source);
  try {
    FrameReader reader(source, *chunk.step, threads.others, token_);
    PictureFilter filter(*source.video_params(), ShapeOf(run, plan_), source.picture()->time_base,
                         threads.others);
    FieldOrder order = FieldOrder::kProgressive;
    const PictureCoding* coding = nullptr;
    std::optional<Encoder> encoder;
    const auto take = [&](Packet packet) {
      emit(FromEncoder(std::move(packet), *coding, run.range.source));
    };
    const auto end_encoder = [&] {
      if (!encoder) return;
      encoder->Drain();
      Deliver(*encoder, take);
    };
    const auto encode_filtered = [&] {
      while (std::optional<Frame> picture = filter.Pull()) {
        // A picture in between that is coded in another way begins anew, with other sets.
        if (!encoder || picture->field_order() != order) {
          end_encoder();
          order = picture->field_order();
          coding = &CodingOf(order);
          encoder.emplace(MakeEncoder(chunk, order, threads.encoder));
        }
        picture->SetPts(OutputTicks(run, picture->pts().value_or(0)));
        while (!encoder->Send(*picture)) Deliver(*encoder, take);
        Deliver(*encoder, take);
      }
    };
    while (std::optional<Frame> frame = reader.Next()) {
      filter.Push(std::move(*frame));
      encode_filtered();
    }
    filter.Close();
    encode_filtered();
    end_encoder();
    frames_decoded_ += reader.frames_decoded();
  } catch (Error& error) {
    throw error.OfSource(run.range.source).OfSegment(run.range.first_segment).OfPath(source.path());
  }
}

// Where several members share a header, it cannot say it for each.
void HybridPictures::SayHdrInBand(Packet& packet, int source) const {
  const auto of_header = header_hdr_.find(source);
  if (of_header == header_hdr_.end()) return;
  packet.ReplaceBytes(WithHdrOfHeader(codec_, packet.bytes(), of_header->second));
}

bool HybridPictures::NextStep() {
  if (in_step_) ++step_;
  while (run_ < plan_.runs.size() && step_ >= plan_.runs[run_].steps.size()) {
    ++run_;
    step_ = 0;
  }
  in_step_ = run_ < plan_.runs.size();
  if (!in_step_) return false;
  const VideoStep& step = plan_.runs[run_].steps[step_];
  all_read_ = false;
  conversion_.reset();
  bla_pts_.reset();
  sequence_ended_ = false;
  last_copied_pts_ = INT64_MIN;
  if (step.kind == StepKind::kCopy) BeginConversion(step);
  return true;
}

void HybridPictures::BeginConversion(const VideoStep& step) {
  const auto of_file =
      prepared_.conversions.find(&prepared_.sources->at(plan_.runs[run_].range.source));
  if (of_file == prepared_.conversions.end()) return;
  const auto found = of_file->second.find(step.first_ordinal);
  if (found != of_file->second.end()) conversion_ = found->second;
}

// Whether a decoder skips a picture that leads one with which its stream begins anew (HEVC, 8.1.3),
// so that no picture is where its packet says.
bool HybridPictures::IsNeverShown(const Packet& packet, int source) {
  if (packet.discarded()) return true;
  if (codec_ != NalCodec::kHevc) return false;
  const AccessUnitClassifier& classifier = classifiers_.at(source);
  const std::int64_t pts = packet.pts().value_or(0);
  const std::int64_t last_before = std::exchange(last_copied_pts_, std::max(last_copied_pts_, pts));
  const bool sequence_ended =
      std::exchange(sequence_ended_, classifier.EndsSequence(packet.bytes()));
  const bool may_lead = bla_pts_ && pts < *bla_pts_;
  if (!packet.keyframe() && !may_lead) return false;
  const AccessUnit unit = classifier.Classify(packet.bytes());
  if (IsEntryPoint(unit.kind)) {
    const bool begins_anew =
        unit.kind == PictureKind::kBla ||
        (unit.kind == PictureKind::kCra &&
         (sequence_ended || unit.begins_sequence || IsLedInto(last_before, source)));
    bla_pts_ = begins_anew ? packet.pts() : std::nullopt;
  }
  return unit.kind == PictureKind::kRasl && may_lead;
}

// Whether the next pictures lead the CRA picture before them and fall among those before that, up
// to `last_pts`: files are so that were joined without a look at what leads.
bool HybridPictures::IsLedInto(std::int64_t last_pts, int source) {
  if (copied_.empty()) ReadCopied();
  for (const Packet& next : copied_) {
    const PictureKind kind = classifiers_.at(source).Classify(next.bytes()).kind;
    if (kind != PictureKind::kRasl && kind != PictureKind::kRadl) return false;
    if (kind == PictureKind::kRasl && next.pts().value_or(0) <= last_pts) return true;
  }
  return false;
}

// `begins`: the copy begins with this picture.
void HybridPictures::FitIntoOutput(Packet& packet, int source, bool begins) {
  PictureKind kind = PictureKind::kOther;
  if (packet.keyframe() || begins || plan_.video.shape.interlaced) {
    const AccessUnit unit = classifiers_.at(source).Classify(packet.bytes());
    RequireWholeFrame(unit);
    kind = unit.kind;
  }
  const bool converts = conversion_.has_value();
  packet.SetKeyframe(IsEntryPoint(kind) || (converts && begins));
  if (converts) {
    packet.ReplaceBytes(begins ? conversion_->Begin(packet.bytes(), kAnyIdrPicId)
                               : conversion_->Convert(packet.bytes()));
  }
  const auto& rewriters = converts ? after_conversion_ : rewriters_;
  std::optional<Bytes> bytes = rewriters.at(source)->Rewrite(packet.bytes());
  const bool begins_anew = kind == PictureKind::kCra && packet.pts() == bla_pts_;
  if (begins_anew || (begins && (kind == PictureKind::kCra || kind == PictureKind::kBla))) {
    if (!bytes) bytes.emplace(packet.bytes().begin(), packet.bytes().end());
    MakeBla(*bytes, NalFraming(), begins ? HevcNalType::kBlaNLp : HevcNalType::kBlaWRadl);
  }
  if (bytes) packet.ReplaceBytes(std::move(*bytes));
  if (IsEntryPoint(kind)) SayHdrInBand(packet, source);
}

void HybridPictures::ReadCopied() {
  if (all_read_) return;
  std::vector<Packet> packets = copies_->Next();
  all_read_ = packets.empty();
  for (Packet& packet : packets) copied_.push_back(std::move(packet));
}

std::optional<PicturePacket> HybridPictures::NextCopied(const VideoStep& step) {
  const PlannedRun& run = plan_.runs[run_];
  while (true) {
    if (copied_.empty()) ReadCopied();
    if (copied_.empty()) return std::nullopt;
    Packet packet = std::move(copied_.front());
    copied_.pop_front();
    const std::int64_t pts = packet.pts().value_or(0);
    if (pts < step.first_pts) {  // A leading picture; it is in the chunk before.
      if (conversion_) conversion_->LeaveOut(packet.bytes());
      continue;
    }
    try {
      if (IsNeverShown(packet, run.range.source)) continue;
      FitIntoOutput(packet, run.range.source, pts == step.first_pts);
    } catch (Error& error) {
      throw error.OfSource(run.range.source)
          .OfSegment(run.range.first_segment)
          .OfPath(prepared_.sources->at(run.range.source).path());
    }
    packet.SetPts(OutputTicks(run, pts));
    packet.DropSideData();
    return PicturePacket{std::move(packet), static_cast<int>(run_), true};
  }
}

PicturePacket HybridPictures::Joined(PicturePacket picture) {
  if (!idr_pic_ids_) return picture;
  Packet& packet = picture.packet;
  std::optional<Bytes> bytes = idr_pic_ids_->Follow(packet.bytes(), packet.keyframe());
  if (bytes) packet.ReplaceBytes(std::move(*bytes));
  return picture;
}

std::optional<PicturePacket> HybridPictures::Next() {
  if (!in_step_ && !NextStep()) return std::nullopt;
  while (true) {
    token_.ThrowIfCancelled();
    const VideoStep& step = plan_.runs[run_].steps[step_];
    if (step.kind == StepKind::kCopy) {
      if (std::optional<PicturePacket> picture = NextCopied(step)) {
        return Joined(std::move(*picture));
      }
    } else {
      if (std::optional<Packet> packet = pool_->Next(next_chunk_)) {
        return Joined({std::move(*packet), static_cast<int>(run_), false});
      }
      ++next_chunk_;
    }
    if (!NextStep()) return std::nullopt;
  }
}

}  // namespace opencut
