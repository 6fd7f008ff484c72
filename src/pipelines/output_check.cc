#include "pipelines/output_check.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/error.h"
#include "media/decoder.h"
#include "media/demuxer.h"

namespace opencut {
namespace {

[[noreturn]] void Fail(const std::string& path, const std::string& what) {
  throw Error(ErrorCode::kVerify, "the written file is not what was planned: " + what,
              {.path = path}, "try again; if it happens twice, please report it with the config");
}

const DemuxedStream* FirstOf(const Demuxer& demuxer, MediaType type) {
  for (const DemuxedStream& stream : demuxer.streams()) {
    if (stream.type == type) return &stream;
  }
  return nullptr;
}

void CheckIndex(const std::string& path, const Plan& plan, const WrittenCounts& written,
                const Demuxer& demuxer, const DemuxedStream& picture) {
  const std::int64_t expected = written.frames_copied + written.frames_encoded;
  const std::int64_t found = demuxer.IndexSize(picture.index);
  if (found != expected) {
    Fail(path, std::to_string(found) + " pictures instead of " + std::to_string(expected));
  }
  if (picture.start_pts != 0) Fail(path, "the first picture is not at 0");
  if (picture.parameters.width() != plan.video.shape.width ||
      picture.parameters.height() != plan.video.shape.height) {
    Fail(path, "the picture has another size");
  }
  const DemuxedStream* sound = FirstOf(demuxer, MediaType::kAudio);
  if (plan.audio && sound != nullptr && demuxer.HasIndex(sound->index) &&
      demuxer.IndexSize(sound->index) != written.sound_packets) {
    Fail(path, std::to_string(demuxer.IndexSize(sound->index)) + " packets of sound instead of " +
                   std::to_string(written.sound_packets));
  }
}

void DecodeAll(const std::string& path, Demuxer& demuxer, const DemuxedStream& picture,
               std::int64_t expected) {
  Decoder decoder(picture.parameters, picture.time_base,
                  {.on_damage = DecoderOptions::OnDamage::kFail});
  demuxer.Select(picture.index);
  demuxer.SeekToStart(picture.index);
  std::int64_t decoded = 0;
  const auto count = [&] {
    while (decoder.Receive()) ++decoded;
  };
  while (const std::optional<Packet> packet = demuxer.Read()) {
    while (!decoder.Send(*packet)) count();
    count();
  }
  decoder.Drain();
  count();
  if (decoded != expected) {
    Fail(path, std::to_string(decoded) + " pictures decode instead of " + std::to_string(expected));
  }
}

}  // namespace

void CheckOutput(const std::string& path, const Plan& plan, const WrittenCounts& written,
                 VerifyLevel level, const CancellationToken& token, const AllowedRoots& roots) {
  if (level == VerifyLevel::kOff) return;
  // Its folder may be gone, which is no fault of its content.
  if (access(path.c_str(), F_OK) != 0) throw FileError(ErrorCode::kFs, "find", path, errno);
  try {
    Demuxer demuxer(path, token, roots);
    const DemuxedStream* picture = FirstOf(demuxer, MediaType::kVideo);
    if (picture == nullptr) Fail(path, "it has no picture");
    if (plan.audio && FirstOf(demuxer, MediaType::kAudio) == nullptr) Fail(path, "it has no sound");
    if (demuxer.HasIndex(picture->index)) CheckIndex(path, plan, written, demuxer, *picture);
    if (level == VerifyLevel::kFull) {
      DecodeAll(path, demuxer, *picture, written.frames_copied + written.frames_encoded);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kVerify) throw;
    Fail(path, error.what());
  }
}

}  // namespace opencut
