#include "media/source_file.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "bitstream/access_unit.h"
#include "bitstream/bla.h"
#include "media/decoder.h"
#include "media/video_headers.h"
#include "timeline/edit.h"

namespace opencut {
namespace {

// SEI messages that stand before a picture's first slice nearly always fit.
constexpr std::size_t kHdrBytes = 4096;
constexpr std::size_t kSliceStartBytes = 4096;
constexpr std::int64_t kFieldsPerFrame = 2;
// A stream that holds fields apart does so from its first field on, and that is one of the first
// pictures.
constexpr std::int64_t kFieldsLookedFor = 50;
constexpr std::int64_t kAmbiguous = -1;  // In place of an ordinal: that of several packets.
constexpr std::size_t kPictureBatchBytes = 1 << 20;
constexpr std::size_t kSoundBatchBytes = 1 << 18;
// A second or so: a reader that stops at a cut has read little in vain.
constexpr std::size_t kSoundBatchPackets = 48;

// Whether there is an index by which places can be found. Where an edit list has several entries,
// libav lists what each of them needs, so that times may come twice.
bool IsInOrder(const Demuxer& demuxer, int stream) {
  if (!demuxer.HasIndex(stream)) return false;
  for (std::int64_t i = 1; i < demuxer.IndexSize(stream); ++i) {
    if (demuxer.IndexEntry(stream, i).dts < demuxer.IndexEntry(stream, i - 1).dts) return false;
  }
  return true;
}

bool SaysTheSame(const VideoParams& params, const Bytes& known, ByteView extradata) {
  VideoParams other = params;
  other.extradata.assign(extradata.begin(), extradata.end());
  if (other.extradata == known) return true;
  const std::optional<Extradata> other_headers = HeadersOf(other);
  other.extradata = known;
  const std::optional<Extradata> headers = HeadersOf(other);
  return headers && other_headers && headers->sets == other_headers->sets &&
         headers->framing == other_headers->framing;
}

std::optional<DemuxedStream> FirstOf(const Demuxer& demuxer, MediaType type) {
  for (const DemuxedStream& stream : demuxer.streams()) {
    if (stream.type == type && !stream.is_cover) return stream;
  }
  return std::nullopt;
}

}  // namespace

SourceFile::SourceFile(const std::string& path, const CancellationToken& token,
                       const AllowedRoots& roots)
    : path_(path),
      token_(token),
      roots_(roots),
      demuxer_(std::make_unique<Demuxer>(path, token, roots)),
      picture_(FirstOf(*demuxer_, MediaType::kVideo)),
      sound_(FirstOf(*demuxer_, MediaType::kAudio)) {
  lane_.demuxer = demuxer_.get();
  const std::int64_t start_us = demuxer_->start_time_us();
  if (picture_) DescribePictures(start_us);
  if (!sound_) return;
  audio_params_ = DescribeAudio(*sound_);
  sound_clock_.emplace(*sound_, start_us);
  if (demuxer_->HasIndex(sound_->index)) return;
  sound_clock_->CountSamples(sound_->parameters.sample_rate(), sound_->parameters.frame_size());
  sound_->time_base = sound_clock_->time_base();
}

void SourceFile::DescribePictures(std::int64_t start_us) {
  video_params_ = DescribeVideo(*picture_);
  picture_clock_.emplace(*picture_, start_us);
  headers_.push_back(video_params_->extradata);
  pictures_indexed_ = IsInOrder(*demuxer_, picture_->index) && !HoldsFieldsApart();
  if (!HasPictureIndex()) {
    field_joiner_.emplace(*video_params_);
    return;
  }
  if (video_params_->interlaced) TellFieldOrder(demuxer_->ReadEntry(picture_->index, 0, SIZE_MAX));
  if (NalCodecOf(*video_params_)) {
    for (const HeaderChange& change : demuxer_->HeaderChanges(picture_->index)) {
      AddHeader(change.position_bytes, change.extradata);
    }
  }
  if (MayHoldHdr(*video_params_)) {
    const Packet first = ReadPictureBytes(0, kHdrBytes);
    video_params_->hdr = DescribeHdr(*picture_, *video_params_, first.bytes());
  }
}

std::int64_t SourceFile::bytes_read() const {
  std::lock_guard lock(mutex_);
  return demuxer_->bytes_read() + (sound_demuxer_ ? sound_demuxer_->bytes_read() : 0);
}

SourceFile::Lane& SourceFile::SoundLane() {
  if (sound_demuxer_ == nullptr) {
    sound_demuxer_ = std::make_unique<Demuxer>(path_, token_, roots_);
    sound_lane_.demuxer = sound_demuxer_.get();
  }
  return sound_lane_;
}

bool SourceFile::HasPictureIndex() const { return pictures_indexed_; }

// Whether the first of the samples that hold fields has one without the other of its frame.
bool SourceFile::HoldsFieldsApart() {
  if (!video_params_->interlaced) return false;
  const std::optional<Extradata> headers = HeadersOf(*video_params_);
  if (!headers) return false;
  const AccessUnitClassifier units(headers->sets, headers->framing);
  const std::int64_t end = std::min(kFieldsLookedFor, demuxer_->IndexSize(picture_->index));
  for (std::int64_t i = 0; i < end; ++i) {
    const Packet start = demuxer_->ReadEntry(picture_->index, i, kSliceStartBytes);
    const std::optional<AccessUnit> frame = units.ClassifyStart(start.bytes());
    if (frame && !frame->is_field) continue;
    try {
      const Packet whole = demuxer_->ReadEntry(picture_->index, i, SIZE_MAX);
      const AccessUnit unit = units.Classify(whole.bytes());
      if (unit.is_field) return unit.lone_field.has_value();
    } catch (const Error&) {
      return false;  // Damaged: whoever needs it will say so.
    }
  }
  return false;
}

// Of streams that may hold fields, whose containers seldom say, the first picture tells.
void SourceFile::TellFieldOrder(Packet first) {
  first.SetDiscarded(false);  // By an edit list; a decoder would not give it.
  Decoder decoder(picture_->parameters, picture_->time_base);
  if (!decoder.Send(first)) return;
  decoder.Drain();
  if (const auto frame = decoder.Receive()) video_params_->field_order = frame->field_order();
}

std::int64_t SourceFile::PictureCount() const {
  return HasPictureIndex() ? demuxer_->IndexSize(picture_->index)
                           : static_cast<std::int64_t>(scan_.size());
}

ContainerIndexEntry SourceFile::PictureEntry(std::int64_t ordinal) const {
  ContainerIndexEntry entry = demuxer_->IndexEntry(picture_->index, ordinal);
  entry.dts = picture_clock_->FromContainer(entry.dts);
  entry.hidden = entry.hidden || hidden_.contains(ordinal);
  return entry;
}

// Headers that say the same count as one.
void SourceFile::AddHeader(std::int64_t from, ByteView extradata) {
  const auto same = std::find_if(headers_.begin(), headers_.end(), [&](const Bytes& known) {
    return SaysTheSame(*video_params_, known, extradata);
  });
  header_from_[from] = static_cast<int>(same - headers_.begin());
  if (same == headers_.end()) headers_.emplace_back(extradata.begin(), extradata.end());
}

int SourceFile::HeaderAt(std::int64_t ordinal) const {
  if (header_from_.empty()) return 0;
  const std::int64_t place = HasPictureIndex() ? PictureEntry(ordinal).position_bytes : ordinal;
  const auto next = header_from_.upper_bound(place);
  return next == header_from_.begin() ? 0 : std::prev(next)->second;
}

IndexedPacket SourceFile::Described(const Packet& packet) const {
  IndexedPacket indexed;
  indexed.pts = packet.pts().value_or(0);
  indexed.dts = packet.dts().value_or(indexed.pts);
  indexed.duration = packet.duration();
  indexed.size_bytes = static_cast<std::int32_t>(packet.size_bytes());
  indexed.shown = !packet.discarded();
  return indexed;
}

void SourceFile::FinishScan() {
  if (scan_.empty()) {
    throw Error(ErrorCode::kProbe, path_ + " holds no picture", {.path = path_});
  }
  if (!tells_pts_) CountPictures();
  AdoptRate();
  for (std::size_t i = 0; i < scan_.size(); ++i) {
    const auto ordinal = static_cast<std::int64_t>(i);
    const auto [known, is_new] = ordinal_by_pts_.emplace(scan_[i].pts, ordinal);
    if (!is_new) known->second = kAmbiguous;
  }
  lane_.next_ordinal = -1;
}

// As the ffmpeg command line shows them: a decoder gives out each picture with the packet that is
// as many behind as pictures wait for each other.
void SourceFile::CountPictures() {
  const auto count = static_cast<std::int64_t>(scan_.size());
  counts_pictures_ = video_params_->reorder_depth > 0;
  if (!counts_pictures_ || count < 2) return;
  const std::int64_t interval = (scan_.back().dts - scan_.front().dts) / (count - 1);
  const std::int64_t delay = interval * video_params_->reorder_depth;
  picture_clock_->CountFromDecoding(delay);
  for (IndexedPacket& packet : scan_) packet.pts = packet.dts + delay;
}

// Containers whose clock counts milliseconds, or that know no ticks for the rate, round the times
// of pictures that are all the same time apart.
void SourceFile::AdoptRate() {
  std::vector<std::int64_t> pts;
  for (const IndexedPacket& packet : scan_) {
    if (packet.shown) pts.push_back(packet.pts);
  }
  if (pts.empty()) return;
  const auto [first, last] = std::minmax_element(pts.begin(), pts.end());
  if (*first == *last) return;
  const double measured = static_cast<double>(pts.size() - 1) /
                          FromTicks(*last - *first, picture_->time_base).ToDouble();
  // Some containers count fields.
  if (field_joiner_->has_joined() &&
      picture_->average_frame_rate.ToDouble() > kFieldsPerFrame * 0.75 * measured) {
    picture_->average_frame_rate = picture_->average_frame_rate / Rational(kFieldsPerFrame);
    video_params_->frame_rate = picture_->average_frame_rate;
  }
  // The rates of film and television, N and N * 1000 / 1001, that are near what the container says
  // and what was measured; then those themselves.
  const Rational& told = picture_->average_frame_rate;
  const Rational rates[] = {
      FrameRateFromDouble(told.ToDouble()), static_cast<std::int64_t>(std::llround(measured)),
      Rational(std::llround(measured * 1.001) * 1000, 1001), told, FrameRateFromDouble(measured)};
  const std::optional<ConstantRate> rate = ConstantRate::Find(pts, picture_->time_base, rates);
  if (!rate) return;
  for (IndexedPacket& packet : scan_) {
    packet.pts = rate->PlaceOf(packet.pts);
    packet.dts = rate->DecodingTicks(packet.dts);
    packet.duration = rate->DurationOf(packet.duration);
  }
  picture_clock_->Adopt(*rate);
  picture_->time_base = rate->time_base();
}

std::vector<IndexedPacket> SourceFile::ReadPictureTimes(std::int64_t first, std::int64_t end) {
  std::lock_guard lock(mutex_);
  std::vector<IndexedPacket> times;
  end = std::min(end, PictureCount());
  lane_.next_ordinal = -1;
  demuxer_->SetTimesOnly(true);
  for (; first < end; ++first) {
    MoveToPicture(first);
    const std::optional<Packet> packet = ReadNext(lane_, *picture_clock_);
    if (!packet) break;
    times.push_back(Described(*packet));
    if (hidden_.contains(first)) times.back().shown = false;
  }
  demuxer_->SetTimesOnly(false);
  lane_.next_ordinal = -1;
  return times;
}

Packet SourceFile::ReadPictureBytes(std::int64_t ordinal, std::size_t most_bytes) {
  return demuxer_->ReadEntry(picture_->index, ordinal, most_bytes);
}

void SourceFile::MoveToIndexed(Lane& lane, const DemuxedStream& stream, std::int64_t ordinal) {
  const std::int64_t wanted_dts = lane.demuxer->IndexEntry(stream.index, ordinal).dts;
  lane.stream = stream.index;
  lane.demuxer->Select(stream.index);
  // Some demuxers land behind an entry whose neighbours share its time; then begin further ahead.
  for (std::int64_t from = ordinal; from >= 0; from = from == 0 ? -1 : from / 2) {
    lane.demuxer->SeekToEntry(stream.index, from);
    while (std::optional<Packet> packet = lane.demuxer->Read()) {
      const std::int64_t dts = packet->dts().value_or(wanted_dts);
      if (dts < wanted_dts) continue;
      if (dts > wanted_dts) break;
      pending_ = std::move(packet);
      lane.next_ordinal = ordinal;
      return;
    }
  }
  throw Error(ErrorCode::kProbe, path_ + " cannot be read at the place its index names",
              {.path = path_}, "the file may be damaged or cut short");
}

void SourceFile::MoveToScanned(Lane& lane, std::int64_t ordinal) {
  lane.stream = picture_->index;
  lane.demuxer->Select(picture_->index);
  std::int64_t sync = ordinal;
  while (sync > 0 && scan_[static_cast<std::size_t>(sync)].kind == SyncKind::kNone) --sync;
  for (const bool from_start : {sync == 0, true}) {
    if (from_start) {
      lane.demuxer->SeekToStart(picture_->index);
    } else {
      const std::int64_t pts =
          picture_clock_->ToContainer(scan_[static_cast<std::size_t>(sync)].pts);
      lane.demuxer->SeekAtOrBefore(picture_->index, pts);
    }
    field_joiner_->Forget();
    std::int64_t at = from_start ? 0 : -1;
    while (std::optional<Packet> packet = ReadPacket(lane)) {
      if (at < 0) {
        const auto known =
            ordinal_by_pts_.find(Described(picture_clock_->InSourceTicks(packet->Clone())).pts);
        const bool is_known = known != ordinal_by_pts_.end() && known->second != kAmbiguous;
        at = is_known ? known->second : ordinal + 1;
      }
      if (at > ordinal) break;
      if (at == ordinal) {
        pending_ = std::move(packet);
        lane.next_ordinal = ordinal;
        return;
      }
      ++at;
    }
  }
  throw Error(ErrorCode::kProbe, path_ + " does not read the same a second time", {.path = path_},
              "the file may be changing or damaged");
}

void SourceFile::MoveToPicture(std::int64_t ordinal) {
  if (lane_.stream == picture_->index && lane_.next_ordinal == ordinal) return;
  pending_.reset();
  if (HasPictureIndex()) {
    MoveToIndexed(lane_, *picture_, ordinal);
  } else {
    MoveToScanned(lane_, ordinal);
  }
}

std::optional<Packet> SourceFile::ReadPacket(Lane& lane) {
  const bool may_be_fields = &lane == &lane_ && field_joiner_;
  return may_be_fields ? field_joiner_->Read(*lane.demuxer) : lane.demuxer->Read();
}

std::optional<Packet> SourceFile::ReadNext(Lane& lane, const StreamClock& clock) {
  std::optional<Packet> packet =
      &lane == &lane_ && pending_ ? std::exchange(pending_, std::nullopt) : ReadPacket(lane);
  ++lane.next_ordinal;
  if (!packet) return std::nullopt;
  return clock.InSourceTicks(std::move(*packet));
}

void SourceFile::ReadAsBla(Packet& packet) const {
  Bytes sample(packet.bytes().begin(), packet.bytes().end());
  MakeBla(sample, HeadersOf(*video_params_)->framing, HevcNalType::kBlaWRadl);
  packet.ReplaceBytes(std::move(sample));
}

std::vector<Packet> SourceFile::ReadPictures(std::int64_t first, std::int64_t end) {
  std::lock_guard lock(mutex_);
  std::vector<Packet> packets;
  std::size_t bytes = 0;
  end = std::min(end, PictureCount());
  while (first < end && bytes < kPictureBatchBytes) {
    MoveToPicture(first);
    std::optional<Packet> packet = ReadNext(lane_, *picture_clock_);
    if (!packet) break;
    bytes += packet->size_bytes();
    if (hidden_.contains(first)) packet->SetDiscarded(true);
    if (begins_anew_.contains(first)) ReadAsBla(*packet);
    packets.push_back(std::move(*packet));
    ++first;
  }
  return packets;
}

std::vector<Packet> SourceFile::ReadSound(SoundCursor& cursor) {
  if (cursor.at_end) return {};
  if (demuxer_->HasIndex(sound_->index)) return ReadIndexedSound(cursor);
  std::lock_guard lock(mutex_);
  return ReadUnindexedSound(cursor);
}

std::int64_t SourceFile::FindSoundOrdinal(std::int64_t pts) const {
  const std::int64_t wanted = sound_clock_->ToContainer(pts);
  std::int64_t low = 0;
  std::int64_t high = demuxer_->IndexSize(sound_->index);
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (demuxer_->IndexEntry(sound_->index, middle).dts <= wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::max<std::int64_t>(low - 1, 0);
}

std::vector<std::int64_t> SourceFile::SoundJumps(std::int64_t from, std::int64_t until,
                                                 std::int64_t packet,
                                                 std::int64_t tolerance) const {
  std::vector<std::int64_t> jumps;
  if (!demuxer_->HasIndex(sound_->index)) return jumps;
  std::optional<std::int64_t> anchor;
  const std::int64_t count = demuxer_->IndexSize(sound_->index);
  for (std::int64_t i = FindSoundOrdinal(from); i < count; ++i) {
    const std::int64_t pts =
        sound_clock_->FromContainer(demuxer_->IndexEntry(sound_->index, i).dts);
    if (pts >= until) break;
    const std::int64_t behind = pts - anchor.value_or(pts);
    const std::int64_t off = (behind + packet / 2) % packet - packet / 2;
    if (anchor && std::abs(off) <= tolerance) continue;
    if (anchor && pts > from) jumps.push_back(pts);
    anchor = pts;
  }
  return jumps;
}

std::vector<Packet> SourceFile::ReadIndexedSound(SoundCursor& cursor) {
  if (!cursor.next_ordinal) cursor.next_ordinal = FindSoundOrdinal(cursor.from_pts);
  std::vector<Packet> packets;
  const std::int64_t count = demuxer_->IndexSize(sound_->index);
  std::size_t bytes = 0;
  while (*cursor.next_ordinal < count && bytes < kSoundBatchBytes &&
         packets.size() < kSoundBatchPackets) {
    packets.push_back(
        sound_clock_->InSourceTicks(demuxer_->ReadEntry(sound_->index, *cursor.next_ordinal)));
    bytes += packets.back().size_bytes();
    ++*cursor.next_ordinal;
  }
  cursor.at_end = packets.empty();
  return packets;
}

std::vector<Packet> SourceFile::ReadUnindexedSound(SoundCursor& cursor) {
  Lane& lane = SoundLane();
  if (cursor.id == 0) cursor.id = ++cursors_;
  if (lane.cursor_id != cursor.id) {
    lane.cursor_id = cursor.id;
    lane.demuxer->Select(sound_->index);
    const std::int64_t from = sound_clock_->ToContainer(cursor.last_dts.value_or(cursor.from_pts));
    lane.demuxer->SeekAtOrBefore(sound_->index, from);
  }
  std::vector<Packet> packets;
  std::size_t bytes = 0;
  while (bytes < kSoundBatchBytes && packets.size() < kSoundBatchPackets) {
    std::optional<Packet> packet = ReadNext(lane, *sound_clock_);
    if (!packet) break;
    const std::optional<std::int64_t> dts = packet->dts() ? packet->dts() : packet->pts();
    if (cursor.last_dts && dts && *dts <= *cursor.last_dts) continue;
    if (dts) cursor.last_dts = dts;
    bytes += packet->size_bytes();
    packets.push_back(std::move(*packet));
  }
  cursor.at_end = packets.empty();
  return packets;
}

}  // namespace opencut
