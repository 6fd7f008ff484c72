// Owning pointers for libav's objects, and the one place where its return values become failures.
#pragma once

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "media/libav.h"

namespace opencut {

// Frees a libav object with the function libav documents for it, whether that takes T* or T**.
// Functions on void* fit both, so they do not compile here.
template <auto Free>
struct LibavDelete {
  template <typename T>
  void operator()(T* object) const noexcept {
    constexpr bool by_address = std::is_invocable_v<decltype(Free), T**>;
    static_assert(by_address != std::is_invocable_v<decltype(Free), T*>,
                  "use the typed free function");
    if constexpr (by_address) {
      Free(&object);
    } else {
      Free(object);
    }
  }
};

using PacketPtr = std::unique_ptr<AVPacket, LibavDelete<av_packet_free>>;
using FramePtr = std::unique_ptr<AVFrame, LibavDelete<av_frame_free>>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, LibavDelete<avcodec_free_context>>;
using CodecParametersPtr = std::unique_ptr<AVCodecParameters, LibavDelete<avcodec_parameters_free>>;
// For a context that avformat_open_input has opened; its AVIOContext is not freed with it.
using InputFormatPtr = std::unique_ptr<AVFormatContext, LibavDelete<avformat_close_input>>;
using OutputFormatPtr = std::unique_ptr<AVFormatContext, LibavDelete<avformat_free_context>>;
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, LibavDelete<avfilter_graph_free>>;
using FilterInOutPtr = std::unique_ptr<AVFilterInOut, LibavDelete<avfilter_inout_free>>;
using TransformPtr = std::unique_ptr<AVTXContext, LibavDelete<av_tx_uninit>>;
using SwrPtr = std::unique_ptr<SwrContext, LibavDelete<swr_free>>;

// An AVIOContext made by avio_alloc_context, together with the buffer it has by then: libav may
// have replaced the one it was given.
struct AvioDelete {
  void operator()(AVIOContext* context) const noexcept {
    av_freep(&context->buffer);
    avio_context_free(&context);
  }
};
using AvioPtr = std::unique_ptr<AVIOContext, AvioDelete>;

// libav's own words for a negative return value.
std::string LibavErrorText(int ret);

// Returns `ret` unless it is negative; then throws Cancelled for AVERROR_EXIT (what our callbacks
// return once their token is cancelled) and otherwise Error(code): "<operation>: <libav's text>".
int Check(int ret, std::string_view operation, ErrorCode code = ErrorCode::kExec);

// Returns `object`, which a libav function allocated. Throws std::bad_alloc for a null pointer.
template <typename T>
T* CheckAllocated(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

}  // namespace opencut
