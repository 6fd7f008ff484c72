#include "pipelines/output_writer.h"

#include <algorithm>
#include <utility>

namespace opencut {
namespace {

const Seconds kSlice(1, 2);
constexpr std::int64_t kMoovBytes = 8 * 1024;
constexpr std::int64_t kBytesPerPicture = 45;
constexpr std::int64_t kBytesPerSoundPacket = 40;
constexpr std::int64_t kSoundPacketSamples = 1024;
constexpr std::int64_t kFinestMovieTimescale = 10'000'000;

std::int64_t WithMargin(std::int64_t count) { return count + count / 100 + 64; }

// Ticks in which both picture and sound edits are whole, so that no edit is rounded to 1 ms.
int MovieTimescale(const Plan& plan) {
  const std::int64_t pictures = plan.video.time_base.den();
  if (!plan.audio) return static_cast<int>(std::min<std::int64_t>(pictures, INT32_MAX));
  const std::int64_t both =
      LeastCommonMultiple(pictures, plan.audio->sample_rate, kFinestMovieTimescale);
  return static_cast<int>(both <= kFinestMovieTimescale
                              ? both
                              : std::min<std::int64_t>(pictures, kFinestMovieTimescale));
}

}  // namespace

MuxerOptions MuxerOptionsFor(const Plan& plan) {
  MuxerOptions options;
  options.format = plan.format == OutputFormat::kWebm ? "webm" : "mp4";
  if (plan.format == OutputFormat::kWebm) return options;
  options.movie_timescale = MovieTimescale(plan);
  options.moov_size_bytes =
      kMoovBytes + static_cast<std::int64_t>(plan.video.shape.extradata.size()) +
      kBytesPerPicture * WithMargin(plan.video.frames_copied + plan.video.frames_encoded);
  if (plan.audio) {
    const std::int64_t packets = ToTicks(
        plan.timeline_end, Rational(kSoundPacketSamples, plan.audio->sample_rate), Rounding::kUp);
    options.moov_size_bytes += kBytesPerSoundPacket * WithMargin(packets);
  }
  return options;
}

OutputWriter::OutputWriter(const Plan& plan, int segment_count, TimedPictures& pictures,
                           SoundStream* sound, Muxer& muxer, const OutputFile& file,
                           ProgressSink& progress, CancellationToken token)
    : plan_(plan),
      segment_count_(segment_count),
      pictures_(pictures),
      sound_(sound),
      muxer_(muxer),
      file_(file),
      progress_(progress),
      token_(std::move(token)),
      started_(std::chrono::steady_clock::now()) {}

WrittenCounts OutputWriter::Run() {
  next_picture_ = pictures_.Next();
  if (sound_ != nullptr) next_sound_ = sound_->Next();
  Seconds slice_end = kSlice;
  while (true) {
    const bool more_pictures = WritePicturesUntil(slice_end);
    const bool more_sound = WriteSoundUntil(slice_end);
    if (!more_pictures && !more_sound) break;
    slice_end += kSlice;
  }
  return counts_;
}

bool OutputWriter::WritePicturesUntil(const Seconds& slice_end) {
  const std::int64_t end = ToTicks(slice_end, plan_.video.time_base, Rounding::kUp);
  while (next_picture_ && next_picture_->packet.dts().value_or(0) < end) {
    token_.ThrowIfCancelled();
    ++(next_picture_->copied ? counts_.frames_copied : counts_.frames_encoded);
    const int run = next_picture_->run;
    const Seconds time = FromTicks(next_picture_->packet.dts().value_or(0), plan_.video.time_base);
    written_ = std::max(written_, time);
    muxer_.Write(0, std::move(next_picture_->packet));
    ReportProgress(run);
    next_picture_ = pictures_.Next();
  }
  return next_picture_.has_value();
}

bool OutputWriter::WriteSoundUntil(const Seconds& slice_end) {
  if (sound_ == nullptr) return false;
  const std::int64_t end = ToTicks(slice_end, Rational(1, plan_.audio->sample_rate), Rounding::kUp);
  while (next_sound_ && next_sound_->pts().value_or(0) < end) {
    token_.ThrowIfCancelled();
    ++counts_.sound_packets;
    muxer_.Write(1, std::move(*next_sound_));
    next_sound_ = sound_->Next();
  }
  return next_sound_.has_value();
}

void OutputWriter::ReportProgress(int run) {
  ExportProgress progress;
  progress.phase = Phase::kRendering;
  progress.time = written_;
  progress.duration = plan_.duration;
  const double total = plan_.duration.ToDouble();
  const double done = written_.ToDouble();
  // 1 is kept for the moment the file has its name.
  progress.progress = total > 0 ? std::clamp(done / total, 0.0, 1.0) * 0.99 : 0;
  progress.segment = plan_.runs[static_cast<std::size_t>(run)].range.first_segment;
  progress.segments = segment_count_;
  progress.frames_copied = counts_.frames_copied;
  progress.frames_encoded = counts_.frames_encoded;
  progress.bytes_written = file_.bytes_written();
  const double elapsed_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  if (elapsed_s > 0 && done > 0) {
    progress.speed = done / elapsed_s;
    progress.eta_seconds = (total - done) / *progress.speed;
  }
  progress_.Report(progress);
}

}  // namespace opencut
