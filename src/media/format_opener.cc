#include "media/format_opener.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "media/boxes.h"
#include "media/dictionary.h"
#include "media/interrupt.h"
#include "media/log.h"

namespace opencut {
namespace {

// Demuxers whose input is a description of media that lies elsewhere. Some of them open it by
// avio_open(), past the io_open of their context, so they are not let near the file.
constexpr std::array<std::string_view, 10> kReferringFormats = {
    "concat", "dash", "hls", "image2", "imf", "rtp", "sap", "sdp", "vobsub", "webm_dash_manifest"};

// Whether a demuxer asked for another file. libav hands its callback nothing that is ours to write
// to, but calls it on the thread that opens.
thread_local bool other_file_wanted = false;

int RefuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) noexcept {
  other_file_wanted = true;
  return AVERROR(EACCES);
}

[[noreturn]] void ThrowProbe(const InputFile& file, const std::string& problem,
                             const std::string& hint, int ret = 0) {
  ErrorContext context{.path = file.path()};
  if (ret < 0) context.libav = LibavErrorText(ret);
  throw Error(ErrorCode::kProbe, file.path() + " " + problem, std::move(context), hint);
}

using UnopenedPtr = std::unique_ptr<AVFormatContext, LibavDelete<avformat_free_context>>;

UnopenedPtr MakeContext(InputFile& file, const CancellationToken& token) {
  UnopenedPtr context(CheckAllocated(avformat_alloc_context()));
  context->pb = file.avio();
  context->interrupt_callback = InterruptOf(token);
  context->opaque = LogOwner();
  context->io_open = RefuseToOpen;
  return context;
}

const AVInputFormat* Recognise(InputFile& file, const CancellationToken& token,
                               AVFormatContext* context) {
  const AVInputFormat* format = nullptr;
  // libav's url is left empty: some formats are recognised, and files looked for, by its ending.
  const int ret = av_probe_input_buffer2(file.avio(), &format, "", context, 0, 0);
  token.ThrowIfCancelled();
  file.ThrowIfFailed();
  if (ret < 0 || format == nullptr) {
    ThrowProbe(file, "is not a media file that can be read",
               "Check that it is a video or audio file and that it was copied whole.", ret);
  }
  return format;
}

[[noreturn]] void ThrowReferring(const InputFile& file, const std::string& format) {
  ThrowProbe(file, "refers to media in other files (" + format + ")",
             "Give a file that holds the media itself.");
}

bool IsMov(const AVInputFormat& format) {
  return std::string_view(format.name).starts_with("mov,");
}

bool IsReferring(std::string_view format) {
  return std::find(kReferringFormats.begin(), kReferringFormats.end(), format) !=
         kReferringFormats.end();
}

[[noreturn]] void ThrowUnopened(const InputFile& file, const AVInputFormat& format, int ret) {
  if (IsMov(format)) {
    ThrowProbe(file, "is an MP4 or MOV file without a readable index (moov)",
               "The recording or the copying was broken off. Copy it again, or repair it.", ret);
  }
  ThrowProbe(file,
             std::string("is damaged or cut off, or not what its first bytes say (") +
                 format.long_name + ")",
             "Copy it again and check that it plays.", ret);
}

// Where the last sample of pictures or sound ends that the container's index names.
std::int64_t IndexedBytes(AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO) return 0;
  std::int64_t end = 0;
  const int count = avformat_index_get_entries_count(&stream);
  for (int i = 0; i < count; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(&stream, i);
    end = std::max(end, av_sat_add64(entry->pos, entry->size));
  }
  return end;
}

void RequireWhole(const InputFile& file, const AVFormatContext& context) {
  // Of a fragmented file the header does not know the duration; what is there of a recording that
  // broke off can be played, which is what it is fragmented for.
  if (FileDuration(context) == AV_NOPTS_VALUE) return;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    const std::int64_t needed = IndexedBytes(*context.streams[i]);
    if (needed <= file.size_bytes()) continue;
    ThrowProbe(file,
               "is cut off: it has " + std::to_string(file.size_bytes()) + " of at least " +
                   std::to_string(needed) + " bytes",
               "Copy it again: the end of it has not arrived.");
  }
}

// A fragmented file's header counts the samples of the first fragment at most, and libav may have
// read all fragments by now or none.
void ForgetFrameCounts(AVFormatContext& context) {
  for (unsigned i = 0; i < context.nb_streams; ++i) context.streams[i]->nb_frames = 0;
}

}  // namespace

InputFormatPtr OpenFormat(InputFile& file, const CancellationToken& token) {
  if (file.size_bytes() == 0) {
    ThrowProbe(file, "is empty", "Copy it again: nothing of it has arrived.");
  }
  UnopenedPtr unopened = MakeContext(file, token);
  const AVInputFormat* format = Recognise(file, token, unopened.get());
  if (IsReferring(format->name)) ThrowReferring(file, format->name);

  Dictionary options;
  // For the contexts that demuxers make inside: there is no protocol of this name.
  options.Set("protocol_whitelist", "none");
  // MOV: tracks whose media lies elsewhere are not passed over, but asked for, and so found out.
  options.Set("enable_drefs", "1");
  options.Set("use_absolute_path", "1");
  // MPEG-TS: as the ffmpeg command line does, find also what only a later PMT announces.
  options.Set("scan_all_pmts", "1");
  other_file_wanted = false;
  AVFormatContext* context = unopened.release();  // Freed by libav when it cannot be opened.
  const int ret = avformat_open_input(&context, "", format, options.address());
  InputFormatPtr opened(context);
  token.ThrowIfCancelled();
  file.ThrowIfFailed();
  if (other_file_wanted) ThrowReferring(file, format->name);
  if (ret < 0) ThrowUnopened(file, *format, ret);
  if (IsMov(*format)) {
    if (IsFragmented(file)) ForgetFrameCounts(*opened);
    RequireWhole(file, *opened);
  }
  return opened;
}

}  // namespace opencut
