#include "pipelines/canvas_pictures.h"

#include <algorithm>
#include <utility>

#include "pipelines/encoder_settings.h"
#include "pipelines/frame_reader.h"
#include "pipelines/picture_filter.h"

namespace opencut {
namespace {

// Enough frames to keep the stages busy, few enough to stay small at 4K.
constexpr std::size_t kQueuedFrames = 3;

std::size_t FrameBytes(int width, int height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3 / 2;
}

// The largest source decides how much may wait.
std::size_t QueueBytes(const PreparedExport& prepared) {
  std::size_t largest = 1;
  for (const PlannedRun& run : prepared.planned.plan.runs) {
    const VideoParams& params = *prepared.sources->at(run.range.source).video_params();
    largest = std::max(largest, FrameBytes(params.width, params.height));
  }
  return kQueuedFrames * largest;
}

}  // namespace

CanvasPictures::CanvasPictures(const PreparedExport& prepared, const ExportOptions& options,
                               ThreadCounts threads, Runner& runner)
    : prepared_(prepared),
      plan_(prepared.planned.plan),
      token_(runner.token()),
      threads_(threads.others),
      encoder_(WholeOutput(plan_, options, threads.encoder)),
      parameters_(encoder_.parameters()),
      decoded_(QueueBytes(prepared), token_),
      scaled_(kQueuedFrames * FrameBytes(plan_.video.shape.width, plan_.video.shape.height),
              token_) {
  if (plan_.video.encoder == "libx265") parameters_.SetCodecTag("hvc1");
  runner.Start([this] { Decode(); });
  runner.Start([this] { Scale(); });
}

void CanvasPictures::Decode() {
  for (std::size_t run = 0; run < plan_.runs.size(); ++run) DecodeRun(static_cast<int>(run));
  decoded_.Close();
}

// For each source picture of the run, finds the output pictures in whose middle it is on screen.
void CanvasPictures::DecodeRun(int index) {
  const PlannedRun& run = plan_.runs[static_cast<std::size_t>(index)];
  const VideoStep& step = run.steps.front();
  const Rational& interval = plan_.video.time_base;
  SourceFile& source = prepared_.sources->at(run.range.source);
  const Rational& source_time_base = source.picture()->time_base;
  FrameReader reader(source, step, threads_, token_);
  const std::int64_t end = ToTicks(step.out_end, interval, Rounding::kNearest);
  std::int64_t picture = ToTicks(step.out_start, interval, Rounding::kNearest);
  // The first output picture whose middle is not before the source time `pts` stands for.
  const auto first_at = [&](std::int64_t pts) {
    const Seconds on_timeline =
        run.timeline_start + (FromTicks(pts, source_time_base) - run.range.start);
    return ToTicks(on_timeline - interval / Rational(2), interval, Rounding::kUp);
  };
  std::optional<Frame> current = reader.Next();
  while (current && picture < end) {
    std::optional<Frame> next = reader.Next();
    const std::int64_t until = next ? std::min(end, first_at(next->pts().value_or(0))) : end;
    if (until > picture) {
      const std::size_t bytes = FrameBytes(current->width(), current->height());
      decoded_.Push({std::move(*current), index, picture, until - picture}, bytes);
      picture = until;
    }
    current = std::move(next);
  }
  frames_decoded_ += reader.frames_decoded();
}

void CanvasPictures::Scale() {
  std::optional<PictureFilter> filter;
  std::deque<Shown> inside;  // Of the pictures in the filter; their frames are there.
  const auto pass_on = [&] {
    while (std::optional<Frame> frame = filter->Pull()) {
      inside.front().frame = std::move(*frame);
      scaled_.Push(std::move(inside.front()),
                   FrameBytes(plan_.video.shape.width, plan_.video.shape.height));
      inside.pop_front();
    }
  };
  const auto end_run = [&] {
    if (!filter) return;
    filter->Close();
    pass_on();
  };
  int run = -1;
  while (std::optional<Shown> shown = decoded_.Pop()) {
    if (shown->run != run) {
      end_run();
      run = shown->run;
      const SourceFile& source =
          prepared_.sources->at(plan_.runs[static_cast<std::size_t>(run)].range.source);
      filter.emplace(*source.video_params(), plan_.video.shape, source.picture()->time_base,
                     threads_);
    }
    Frame frame = std::move(shown->frame);
    inside.push_back(std::move(*shown));
    filter->Push(std::move(frame));
    pass_on();
  }
  end_run();
  scaled_.Close();
}

// Gives the encoder one more picture, or the end of input. False: that has been given.
bool CanvasPictures::Feed() {
  if (drained_) return false;
  if (!sending_ || sending_->count == 0) sending_ = scaled_.Pop();
  if (!sending_) {
    encoder_.Drain();
    drained_ = true;
    return true;
  }
  Frame picture = sending_->frame.Clone();
  picture.SetPts(sending_->first);
  if (encoder_.Send(picture)) {
    ++sending_->first;
    --sending_->count;
  }
  return true;
}

int CanvasPictures::RunAt(std::int64_t picture) const {
  const Seconds start = FromTicks(picture, plan_.video.time_base);
  for (std::size_t i = plan_.runs.size(); i-- > 0;) {
    const PlannedRun& run = plan_.runs[i];
    if (run.steps.front().frames > 0 && run.steps.front().out_start <= start) {
      return static_cast<int>(i);
    }
  }
  return 0;
}

std::optional<PicturePacket> CanvasPictures::Next() {
  while (true) {
    token_.ThrowIfCancelled();
    if (std::optional<Packet> packet = encoder_.Receive()) {
      const int run = RunAt(packet->pts().value_or(0));
      return PicturePacket{std::move(*packet), run, false};
    }
    if (!Feed()) return std::nullopt;
  }
}

}  // namespace opencut
