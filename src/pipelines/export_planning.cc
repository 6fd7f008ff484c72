#include "pipelines/export_planning.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "media/describe.h"
#include "media/indexer.h"
#include "media/video_headers.h"
#include "pipelines/light_filters.h"
#include "pipelines/output_place.h"
#include "timeline/output_shape.h"

namespace opencut {
namespace {

PlanOptions PlanOptionsOf(const ExportOptions& options) {
  PlanOptions plan;
  plan.mode = options.mode;
  if (options.audio == AudioChoice::kCopy) plan.audio = AudioMode::kCopy;
  if (options.audio == AudioChoice::kExact) plan.audio = AudioMode::kExact;
  if (options.audio == AudioChoice::kSmart) plan.audio = AudioMode::kSmart;
  plan.fallback = options.fallback;
  plan.max_encoded_seconds = options.max_encoded_seconds;
  plan.video_bit_rate = options.video_bit_rate;
  plan.audio_bit_rate = options.audio_bit_rate;
  plan.can_convert_light = CanConvertLight();
  return plan;
}

std::vector<bool> UsedSources(const ExportRequest& request) {
  std::vector<bool> used(request.sources.size(), false);
  for (const Segment& segment : request.edit.segments) {
    used[static_cast<std::size_t>(segment.source)] = true;
  }
  return used;
}

class Preparation {
 public:
  Preparation(const ExportRequest& request, const CancellationToken& token)
      : request_(request), token_(token), options_(PlanOptionsOf(request.options)) {
    prepared_.paths = ResolvePaths(request);
    mode_ = ChooseMode(request.edit, options_);
    runs_ = JoinRuns(request.edit.segments);  // Refuses an empty one before a file is opened.
    prepared_.sources = std::make_unique<SourceSet>(prepared_.paths, UsedSources(request), token);
    edit_ = WithDistinctSources();
    runs_ = JoinRuns(edit_.segments);
  }

  PreparedExport Make() {
    DescribeSources();
    RequireOtherFile(prepared_.paths);
    const OutputShape shape = ElectShape(runs_, plan_sources_);
    AllocateIds(shape);
    IndexRuns(ElectShape(runs_, plan_sources_));
    PlanReport& planned = prepared_.planned;
    planned.plan = MakePlan(edit_, plan_sources_, options_);
    planned.output_path = prepared_.paths.output;
    planned.audio_bit_rate = request_.options.audio_bit_rate;
    for (const PlannedRun& run : planned.plan.runs) planned.requested.push_back(Requested(run));
    return std::move(prepared_);
  }

 private:
  // Sources that name the same file are one: what continues from one to the other is one run, and a
  // file is described, indexed and given parameter-set ids once.
  Edit WithDistinctSources() const {
    Edit edit = request_.edit;
    for (Segment& segment : edit.segments) {
      segment.source = prepared_.sources->FirstOfSameFile(segment.source);
    }
    return edit;
  }

  // As the caller numbers the sources.
  RunRange Requested(const PlannedRun& run) const {
    RunRange range = run.range;
    const auto first = static_cast<std::size_t>(range.first_segment);
    range.source = request_.edit.segments[first].source;
    return range;
  }

  PlanSource& At(int source) { return plan_sources_[static_cast<std::size_t>(source)]; }

  // One indexer per distinct file, whatever the number of config sources that name it.
  Indexer& IndexerOf(int source) {
    std::unique_ptr<Indexer>& indexer = indexers_[&prepared_.sources->at(source)];
    if (indexer == nullptr) indexer = std::make_unique<Indexer>(prepared_.sources->at(source));
    return *indexer;
  }

  void DescribeSources() {
    plan_sources_.resize(request_.sources.size());
    for (const int i : prepared_.sources->DistinctSources()) {
      At(i).name = request_.sources[static_cast<std::size_t>(i)].path;
      try {
        Describe(i);
      } catch (Error& error) {
        throw error.OfSource(i).OfPath(prepared_.sources->at(i).path());
      }
    }
  }

  void Describe(int i) {
    const SourceFile& file = prepared_.sources->at(i);
    PlanSource& source = At(i);
    if (file.picture() == nullptr) {
      throw Error(ErrorCode::kPlanUnsupported, source.name + " has no picture", {},
                  "every segment needs a source with a video stream");
    }
    const Indexer& indexer = IndexerOf(i);
    source.video = file.video_params();
    source.audio = file.audio_params();
    source.video_time_base = file.picture()->time_base;
    source.frame_interval = indexer.frame_interval();
    source.bit_rate = file.picture()->parameters.bit_rate();
    source.not_copyable = WhyNeverCopied(*source.video);
    if (source.not_copyable.empty()) source.not_copyable = indexer.not_copyable();
  }

  // Gives the parameter sets of every source that may be copied ids of their own. A source for
  // which there are none left is encoded.
  void AllocateIds(const OutputShape& shape) {
    const std::optional<NalCodec> codec = NalCodecOf(shape.params);
    if (mode_ == RenderMode::kReencode || !codec) return;
    IdAllocation allocation(*codec);
    std::vector<int> order = {shape.template_source};
    for (const RunRange& run : runs_) order.push_back(run.source);
    // FFmpeg's HEVC decoder learns from the SPS with the lowest id how far pictures are reordered,
    // and complains of more.
    const auto depth = [this](int source) {
      return At(source).video ? At(source).video->reorder_depth : 0;
    };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return depth(a) > depth(b); });
    std::vector<bool> seen(plan_sources_.size(), false);
    for (const int source : order) {
      const auto index = static_cast<std::size_t>(source);
      if (seen[index] || !shape.not_copyable[index].empty()) continue;
      seen[index] = true;
      if (std::optional<IdMapping> mapping = allocation.Add(HeadersOf(*At(source).video)->sets)) {
        prepared_.families.push_back({source, std::move(*mapping)});
      } else {
        At(source).not_copyable = "no parameter-set ids are left for it";
      }
      if (prepared_.families.size() == 1) ReserveEncoderIds(allocation);
    }
    if (prepared_.families.empty()) ReserveEncoderIds(allocation);
  }

  bool MayHoldFields() const {
    return std::any_of(plan_sources_.begin(), plan_sources_.end(), [](const PlanSource& source) {
      return source.video && source.video->interlaced;
    });
  }

  // Before the many sources of an edit have taken them all.
  void ReserveEncoderIds(IdAllocation& allocation) {
    prepared_.encoder_ids = allocation.ReserveEncoderIds().value_or(IdMapping());
    if (!MayHoldFields()) return;
    prepared_.field_encoder_ids = allocation.ReserveEncoderIds().value_or(IdMapping());
  }

  void IndexRuns(const OutputShape& shape) {
    const Seconds margin = PlanMargin(plan_sources_);
    for (const RunRange& run : runs_) {
      token_.ThrowIfCancelled();
      const bool copyable = mode_ != RenderMode::kReencode &&
                            shape.not_copyable[static_cast<std::size_t>(run.source)].empty();
      RunNeeds needs;
      needs.start = run.start;
      needs.end = run.end;
      needs.margin = margin;
      needs.copy_before_start = copyable && mode_ == RenderMode::kCopy;
      needs.copy_after_start = copyable && mode_ == RenderMode::kHybrid;
      needs.division_points = !copyable && mode_ == RenderMode::kHybrid;
      try {
        IndexerOf(run.source).Add(needs);
      } catch (Error& error) {
        throw error.OfSource(run.source).OfSegment(run.first_segment);
      }
    }
    std::map<const SourceFile*, GopIndex> finished;
    for (auto& [file, indexer] : indexers_) {
      finished.emplace(file, indexer->Finish());
      prepared_.conversions.emplace(file, indexer->TakeConversions());
    }
    for (const int i : prepared_.sources->DistinctSources()) {
      At(i).index = std::move(finished.at(&prepared_.sources->at(i)));
      At(i).open_gop_refusal = IndexerOf(i).open_gop_refusal();
      if (At(i).not_copyable.empty()) At(i).not_copyable = IndexerOf(i).not_copyable();
    }
  }

  const ExportRequest& request_;
  const CancellationToken& token_;
  const PlanOptions options_;
  Edit edit_;  // What is asked for, by distinct sources.
  RenderMode mode_ = RenderMode::kHybrid;
  std::vector<RunRange> runs_;
  std::vector<PlanSource> plan_sources_;
  std::map<const SourceFile*, std::unique_ptr<Indexer>> indexers_;
  PreparedExport prepared_;
};

}  // namespace

PreparedExport PrepareExport(const ExportRequest& request, const CancellationToken& token) {
  return Preparation(request, token).Make();
}

}  // namespace opencut
