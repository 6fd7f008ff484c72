// Decodes one stream: packets in, in dts order; frames out, in pts order.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "media/codec_parameters.h"
#include "media/frame.h"
#include "media/libav_ptr.h"
#include "media/packet.h"
#include "timeline/rational.h"

namespace opencut {

struct DecoderOptions {
  int threads = 1;
  // Frame threads are faster by the number of threads but hold back as many frames; slice threads
  // hold back none and help only where pictures are coded in slices.
  enum class Threading { kFrame, kSlice } threading = Threading::kFrame;
  // What damage does (a packet that the decoder refuses, a frame it says is not whole): fail, or be
  // counted while the frames go on.
  enum class OnDamage { kFail, kConceal } on_damage = OnDamage::kConceal;
};

// Not thread-safe. Copies what it needs of the parameters.
class Decoder {
 public:
  // `time_base`: of the packets, and so of the frames.
  // Throws Error(kPlanUnsupported) when this libav has no decoder for the codec, Error(kProbe) when
  // the decoder refuses the parameters.
  Decoder(const CodecParameters& parameters, const Rational& time_base,
          const DecoderOptions& options = {});

  // Hands over one packet. False: the codec is full; Receive() until it returns nothing, then send
  // this packet again. Throws Error(kExec) for damage under OnDamage::kFail.
  // REQUIRES: no Drain() since the last Flush().
  [[nodiscard]] bool Send(const Packet& packet);

  // Declares the end of input; frames held back come out of the next Receive() calls.
  void Drain();

  // The next frame. Nothing means: send more, or, after Drain(), that the stream is over.
  // A frame whose pts the stream does not tell gets libav's guess, where it has one.
  // Throws Error(kExec) for damage under OnDamage::kFail.
  [[nodiscard]] std::optional<Frame> Receive();

  // Throws away what is held, for a seek. Send() may be called again, also after Drain().
  void Flush();

  // Whether pictures that no other picture refers to are left out, from the next Send() on. Packets
  // already sent are not affected.
  void SetSkipNonReference(bool skip);

  // Packets that were refused, and frames that the decoder says are damaged.
  std::int64_t damaged_count() const { return damaged_count_; }

 private:
  // As Receive(), straight from libav.
  std::optional<Frame> ReceiveFromCodec();
  // A packet already sent may wait undecoded; once all frames are taken out, none does.
  void TakeReadyFrames();
  // Counts damage or throws; `ret` is libav's.
  void Damaged(int ret);

  const DecoderOptions options_;
  CodecContextPtr context_;
  bool draining_ = false;
  bool skip_non_reference_ = false;
  std::deque<Frame> ready_;  // Taken out by TakeReadyFrames().
  std::int64_t damaged_count_ = 0;
};

}  // namespace opencut
