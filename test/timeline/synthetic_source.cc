#include "test/timeline/synthetic_source.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace opencut {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

VideoParams CameraVideo() {
  VideoParams video;
  video.codec = "h264";
  video.profile = "High";
  video.level = 40;
  video.width = video.coded_width = 1920;
  video.height = 1080;
  video.coded_height = 1088;
  video.pixel_format = "yuv420p";
  video.bit_depth = 8;
  video.colour = {.range_known = true, .primaries = 1, .transfer = 1, .matrix = 1};
  return video;
}

AudioParams CameraAudio() {
  AudioParams audio;
  audio.codec = "aac";
  audio.profile = "LC";
  audio.sample_rate = 48'000;
  audio.channels = 2;
  audio.channel_layout = "stereo";
  audio.extradata = {0x11, 0x90};
  return audio;
}

// Reads on in one stream until what a plan may ask is known.
class WindowReader {
 public:
  WindowReader(const SyntheticStream& stream, Knowing knowing)
      : stream_(stream), knowing_(knowing) {}

  // The last sync sample not shown behind `pts`, or the stream's start.
  std::int64_t SyncAtOrBefore(std::int64_t pts, bool begins_copy) const {
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < stream_.packet_count(); ++i) {
      const IndexedPacket& packet = stream_.packet(i);
      const bool usable = begins_copy ? CanBeginCopy(packet.kind) : packet.kind != SyncKind::kNone;
      if (usable && packet.shown && packet.pts <= pts) found = i;
    }
    return found;
  }

  // The end of the shortest window that begins at `first` and knows all pictures up to `pts` and
  // the one behind.
  std::int64_t EndBehind(std::int64_t first, std::int64_t pts) const {
    pts = std::max(pts, stream_.shown_pts().front());
    std::int64_t next = kNever;
    for (std::int64_t end = first; end < stream_.packet_count();) {
      const IndexedPacket& packet = stream_.packet(end++);
      if (packet.shown && packet.pts > pts) next = std::min(next, packet.pts);
      const std::int64_t until = stream_.KnownUntil(end, knowing_);
      if (next != kNever && until > next) return end;
    }
    return stream_.packet_count();
  }

  // The end of the shortest window with a sync sample at or behind `pts`.
  std::int64_t EndBehindSync(std::int64_t pts, bool begins_copy) const {
    for (std::int64_t i = 0; i < stream_.packet_count(); ++i) {
      const IndexedPacket& packet = stream_.packet(i);
      const bool usable = begins_copy ? CanBeginCopy(packet.kind) : packet.kind != SyncKind::kNone;
      if (usable && packet.shown && packet.pts >= pts) return i + 1;
    }
    return stream_.packet_count();
  }

 private:
  const SyntheticStream& stream_;
  const Knowing knowing_;
};

}  // namespace

SyntheticStream::SyntheticStream(const StreamPattern& pattern) : pattern_(pattern) {
  Display();
  Decode();
  Stamp();
}

void SyntheticStream::Display() {
  std::int64_t pts = pattern_.first_pts;
  for (int i = 0; i < pattern_.pictures; ++i) {
    display_pts_.push_back(pts);
    const auto held = pattern_.held.find(i);
    pts += pattern_.frame_ticks + (held == pattern_.held.end() ? 0 : held->second);
    if (pattern_.hidden.contains(i)) continue;
    shown_pts_.push_back(display_pts_.back());
    end_pts_ = pts;
  }
  display_pts_.push_back(pts);
  for (int i = 0; i < pattern_.pictures; i += pattern_.gop_length) {
    const bool idr = i / pattern_.gop_length % pattern_.idr_every == 0;
    sync_[i] = idr ? SyncKind::kIdr : pattern_.irap ? SyncKind::kIrap : SyncKind::kOpen;
  }
}

// An IDR picture is preceded by an anchor; the sync sample of an open GOP is itself the anchor of
// the B-frames before it, which follow it in the stream.
void SyntheticStream::Decode() {
  const std::function<void(int, int)> between = [&](int first, int last) {
    if (first > last) return;
    const int begin = pattern_.pyramid ? first + (last - first) / 2 : first;
    decoding_.push_back(begin);
    between(first, begin - 1);
    between(begin + 1, last);
  };
  int anchor = -1;
  while (anchor < pattern_.pictures - 1) {
    int next = std::min(anchor + pattern_.b_frames + 1, pattern_.pictures - 1);
    if (anchor < 0) next = 0;
    const auto sync = sync_.lower_bound(anchor + 1);
    if (sync != sync_.end() && sync->first <= next) {
      const bool ends_before = sync->second == SyncKind::kIdr && sync->first > anchor + 1;
      next = ends_before ? sync->first - 1 : sync->first;
    }
    decoding_.push_back(next);
    between(anchor + 1, next - 1);
    anchor = next;
  }
}

void SyntheticStream::Stamp() {
  const auto count = static_cast<int>(decoding_.size());
  for (int k = 0; k < count; ++k) {
    reorder_depth_ = std::max(reorder_depth_, k - decoding_[static_cast<std::size_t>(k)]);
  }
  for (int k = 0; k < count; ++k) {
    const int picture = decoding_[static_cast<std::size_t>(k)];
    const auto at = static_cast<std::size_t>(picture);
    const auto sync = sync_.find(picture);
    IndexedPacket packet;
    packet.pts = display_pts_[at];
    packet.duration = display_pts_[at + 1] - display_pts_[at];
    packet.dts = k < reorder_depth_
                     ? pattern_.first_pts - (reorder_depth_ - k) * pattern_.frame_ticks
                     : display_pts_[static_cast<std::size_t>(k - reorder_depth_)];
    if (sync != sync_.end()) packet.kind = sync->second;
    packet.shown = !pattern_.hidden.contains(picture);
    packet.size_bytes = (packet.kind == SyncKind::kNone ? 1'000 : 20'000) + picture * 37 % 500;
    packets_.push_back(packet);
  }
  first_unread_pts_.assign(packets_.size() + 1, kNever);
  for (std::size_t i = packets_.size(); i-- > 0;) {
    first_unread_pts_[i] = first_unread_pts_[i + 1];
    if (packets_[i].shown) first_unread_pts_[i] = std::min(first_unread_pts_[i], packets_[i].pts);
  }
}

Seconds SyntheticStream::frame_interval() const {
  const auto intervals = static_cast<std::int64_t>(shown_pts_.size()) - 1;
  if (intervals < 1) return TimeOf(pattern_.frame_ticks);
  return TimeOf(shown_pts_.back() - shown_pts_.front()) / Rational(intervals);
}

GopWindow SyntheticStream::Window(std::int64_t first_ordinal, std::int64_t end_ordinal,
                                  Knowing knowing) const {
  GopWindow window;
  window.packets.assign(packets_.begin() + first_ordinal, packets_.begin() + end_ordinal);
  window.first_ordinal = first_ordinal;
  for (std::int64_t i = 0; i < first_ordinal; ++i) window.bytes_before += packet(i).size_bytes;
  window.at_end = end_ordinal == packet_count();
  window.known_from =
      first_ordinal == 0 ? std::numeric_limits<std::int64_t>::min() : window.packets.front().pts;
  window.known_until = KnownUntil(end_ordinal, knowing);
  return window;
}

std::int64_t SyntheticStream::KnownUntil(std::int64_t end_ordinal, Knowing knowing) const {
  if (end_ordinal == packet_count()) return kNever;
  if (knowing == Knowing::kDecoding) return packet(end_ordinal - 1).dts + 1;
  return first_unread_pts_[static_cast<std::size_t>(end_ordinal)];
}

std::int64_t SyntheticStream::OnScreen(const Seconds& time) const {
  const std::int64_t ticks = ToTicks(time, pattern_.time_base, Rounding::kDown);
  const auto next = std::upper_bound(shown_pts_.begin(), shown_pts_.end(), ticks);
  return next == shown_pts_.begin() ? shown_pts_.front() : *(next - 1);
}

PlanSource SyntheticStream::Source(const std::string& name) const {
  PlanSource source;
  source.name = name;
  source.video = CameraVideo();
  source.video->frame_rate = Rational(1) / TimeOf(pattern_.frame_ticks);
  source.video->reorder_depth = reorder_depth_;
  source.audio = CameraAudio();
  source.video_time_base = pattern_.time_base;
  source.frame_interval = frame_interval();
  source.bit_rate = 8'000'000;
  source.index.Add(Whole());
  std::vector<std::int64_t> hidden;
  for (std::int64_t i = 0; i < packet_count(); ++i) {
    if (!packet(i).shown) hidden.push_back(i);
  }
  source.index.SetHiddenOrdinals(hidden);
  return source;
}

GopIndex LazyIndex(const SyntheticStream& stream, const std::vector<RunRange>& runs,
                   const Seconds& margin, RenderMode mode, Random& random) {
  const Rational& time_base = stream.pattern().time_base;
  GopIndex index;
  for (const RunRange& run : runs) {
    const std::int64_t in_from = ToTicks(run.start - margin, time_base, Rounding::kDown);
    const std::int64_t in_until = ToTicks(run.start + margin, time_base, Rounding::kUp);
    const Seconds run_end = std::min(run.end, stream.end());
    const std::int64_t out_from = ToTicks(run_end - margin, time_base, Rounding::kDown);
    const std::int64_t out_until = ToTicks(run_end + margin, time_base, Rounding::kUp);
    const Knowing knowing = random.Percent(50) ? Knowing::kExact : Knowing::kDecoding;
    const WindowReader reader(stream, knowing);
    const auto add = [&](std::int64_t first, std::int64_t end) {
      end = std::min(end + random.Between(0, 3), stream.packet_count());
      index.Add(stream.Window(first, end, knowing));
    };

    const std::int64_t head = reader.SyncAtOrBefore(in_from, mode == RenderMode::kCopy);
    std::int64_t head_end = reader.EndBehind(head, in_until);
    if (mode == RenderMode::kHybrid) {
      std::int64_t start_end = reader.EndBehindSync(in_until, true);
      const IndexedPacket& start = stream.packet(start_end - 1);
      if (start.kind == SyncKind::kIrap) {
        start_end = std::max(start_end, reader.EndBehind(head, start.pts - 1));
      }
      head_end = std::max(head_end, std::min(start_end, reader.EndBehind(head, out_until)));
    }
    add(head, head_end);

    const std::int64_t tail = reader.SyncAtOrBefore(out_from, false);
    std::int64_t tail_end = reader.EndBehind(tail, out_until);
    if (mode == RenderMode::kCopy) {
      // With its leading pictures: all that can be shown before it.
      const std::int64_t sync_end = reader.EndBehindSync(out_until, false);
      tail_end = std::max(tail_end, reader.EndBehind(tail, stream.packet(sync_end - 1).pts));
    }
    add(tail, tail_end);
  }
  return index;
}

}  // namespace opencut
