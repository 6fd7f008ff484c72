#include "pipelines/export_pipeline.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "pipelines/canvas_pictures.h"
#include "pipelines/copied_sound.h"
#include "pipelines/cpu_budget.h"
#include "pipelines/exact_sound.h"
#include "pipelines/export_planning.h"
#include "pipelines/hybrid_pictures.h"
#include "pipelines/output_check.h"
#include "pipelines/output_place.h"
#include "pipelines/output_writer.h"
#include "pipelines/runner.h"
#include "pipelines/smart_sound.h"

namespace opencut {
namespace {

class NoProgress : public ProgressSink {
 public:
  void Report(const ExportProgress&) override {}
};

// Adds the phase to what is thrown in it.
template <typename Work>
auto InPhase(Phase phase, const Work& work) {
  try {
    return work();
  } catch (Error& error) {
    throw error.InPhase(phase);
  }
}

class ExportJob {
 public:
  ExportJob(const ExportRequest& request, const JobContext& context)
      : request_(request),
        context_(context),
        progress_(context.progress != nullptr ? *context.progress : no_progress_),
        started_(std::chrono::steady_clock::now()) {}

  ExportReport Run() {
    InPhase(Phase::kPlanning, [&] { Prepare(); });
    InPhase(Phase::kRendering, [&] { Render(); });
    InPhase(Phase::kFinalizing, [&] {
      ReportPhase(Phase::kFinalizing);
      file_->Sync();
    });
    InPhase(Phase::kVerifying, [&] { Check(); });
    InPhase(Phase::kFinalizing, [&] { file_->RenameTo(place_.name, request_.options.overwrite); });
    ReportPhase(Phase::kVerifying, true);
    report_.elapsed_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started_)
            .count();
    return std::move(report_);
  }

 private:
  const Plan& plan() const { return prepared_.planned.plan; }

  void ReportPhase(Phase phase, bool done = false) {
    ExportProgress progress;
    progress.phase = phase;
    progress.progress = done ? 1.0 : phase == Phase::kPlanning ? 0.0 : 0.99;
    progress.segments = static_cast<int>(request_.edit.segments.size());
    if (phase != Phase::kPlanning) {
      progress.segment = progress.segments - 1;
      progress.time = progress.duration = plan().duration;
      progress.frames_copied = written_.frames_copied;
      progress.frames_encoded = written_.frames_encoded;
      progress.bytes_written = file_->bytes_written();
    }
    progress_.Report(progress);
  }

  void Prepare() {
    ReportPhase(Phase::kPlanning);
    prepared_ = PrepareExport(request_, context_.token);
    if (context_.review != nullptr) AwaitReview();
    running_.emplace();
    OpenOutput();
    RequireRoom(place_, plan().estimated_bytes, request_.options.overwrite);
    RemoveLeftovers(place_);
    file_ = CreatePart(place_, context_.token);
    if (context_.unfinished != nullptr) context_.unfinished->Set({place_.folder, file_->name()});
  }

  void AwaitReview() {
    const auto asked = std::chrono::steady_clock::now();
    const std::optional<std::string> output =
        context_.review->Await(prepared_.planned, request_.options);
    started_ += std::chrono::steady_clock::now() - asked;
    if (!output) return;
    SetOutput(*output, prepared_.paths);
    RequireOtherFile(prepared_.paths);
    prepared_.planned.output_path = prepared_.paths.output;
  }

  void OpenOutput() {
    try {
      place_ = OpenPlace(prepared_.paths.output, prepared_.paths.roots);
    } catch (Error& error) {
      if (error.code() == ErrorCode::kBadArgs) error.OfJsonPath(prepared_.paths.output_json_path);
      throw;
    }
  }

  void Render() {
    const ThreadCounts threads = running_->Threads(request_.options.threads);
    // The streams must outlive the threads that feed them, which the runner ends.
    std::unique_ptr<HybridPictures> hybrid;
    std::unique_ptr<CanvasPictures> canvas;
    std::unique_ptr<SoundStream> sound;
    Runner runner(context_.token, context_.log);
    runner.RunHere([&] {
      PictureStream* pictures = nullptr;
      if (plan().mode == RenderMode::kReencode) {
        canvas = std::make_unique<CanvasPictures>(prepared_, request_.options, threads, runner);
        pictures = canvas.get();
      } else {
        hybrid = std::make_unique<HybridPictures>(prepared_, request_.options, threads, runner);
        pictures = hybrid.get();
      }
      sound = MakeSound(runner);
      const CodecParameters& parameters = canvas ? canvas->parameters() : hybrid->parameters();
      const int depth = canvas ? canvas->reorder_depth() : plan().video.reorder_depth;
      Write(*pictures, parameters, depth, sound.get(), runner.token());
    });
    runner.Join();
    if (sound) sound_packets_copied_ = sound->packets_copied();
    report_.frames_decoded = canvas ? canvas->frames_decoded() : hybrid->frames_decoded();
  }

  std::unique_ptr<SoundStream> MakeSound(Runner& runner) {
    if (!plan().audio) return nullptr;
    if (plan().audio->mode == AudioMode::kCopy) {
      return std::make_unique<CopiedSound>(prepared_, runner.token());
    }
    if (plan().audio->mode == AudioMode::kSmart) {
      return std::make_unique<SmartSound>(prepared_, runner);
    }
    return std::make_unique<ExactSound>(prepared_, runner);
  }

  void Write(PictureStream& pictures, const CodecParameters& parameters, int reorder_depth,
             SoundStream* sound, const CancellationToken& token) {
    const Rational& time_base = plan().video.time_base;
    std::vector<MuxerStream> streams(1);
    streams[0].parameters = parameters;
    streams[0].time_base = time_base;
    streams[0].average_frame_rate = plan().video.shape.frame_rate;
    if (sound != nullptr) {
      streams.emplace_back();
      streams[1].parameters = sound->parameters();
      streams[1].time_base = Rational(1, plan().audio->sample_rate);
    }
    Muxer muxer(*file_, MuxerOptionsFor(plan()), streams);
    const Seconds interval = plan().video.shape.frame_rate > Rational(0)
                                 ? Rational(1) / plan().video.shape.frame_rate
                                 : Seconds(1, 30);
    TimedPictures timed(pictures, reorder_depth,
                        std::max<std::int64_t>(1, ToTicks(interval, time_base, Rounding::kNearest)),
                        ToTicks(plan().duration, time_base, Rounding::kNearest));
    OutputWriter writer(plan(), static_cast<int>(request_.edit.segments.size()), timed, sound,
                        muxer, *file_, progress_, token);
    written_ = writer.Run();
    muxer.Finish();
  }

  void Check() {
    ReportPhase(Phase::kVerifying);
    CheckOutput(file_->path(), plan(), written_, request_.options.verify, context_.token,
                prepared_.paths.roots);
    report_.verified = request_.options.verify;
    report_.bytes_read = prepared_.sources->bytes_read();
    report_.planned = prepared_.planned;
    report_.planned.plan.video.frames_copied = written_.frames_copied;
    report_.planned.plan.video.frames_encoded = written_.frames_encoded;
    report_.output_bytes = file_->size_bytes();
    report_.audio_packets_copied = sound_packets_copied_;
    report_.audio_packets_encoded = written_.sound_packets - sound_packets_copied_;
  }

  const ExportRequest& request_;
  const JobContext& context_;
  NoProgress no_progress_;
  ProgressSink& progress_;
  std::chrono::steady_clock::time_point started_;
  std::optional<RunningJob> running_;  // Not while it is planned, or waits.
  PreparedExport prepared_;
  OutputPlace place_;
  std::unique_ptr<OutputFile> file_;
  WrittenCounts written_;
  std::int64_t sound_packets_copied_ = 0;
  ExportReport report_;
};

}  // namespace

PlanReport PlanExport(const ExportRequest& request, const JobContext& context) {
  std::optional<LogScope> scope;
  if (context.log != nullptr) scope.emplace(*context.log);
  return InPhase(Phase::kPlanning, [&] { return PrepareExport(request, context.token).planned; });
}

ExportReport RunExport(const ExportRequest& request, const JobContext& context) {
  std::optional<LogScope> scope;
  if (context.log != nullptr) scope.emplace(*context.log);
  return ExportJob(request, context).Run();
}

}  // namespace opencut
