// libav's plain values and ours.
#pragma once

#include <string>

#include "media/libav.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

// Throws Error(kExec) when a term does not fit 32 bits.
AVRational ToAvRational(const Rational& value);
// libav's "unknown" (0/0, n/0) becomes 0.
Rational FromAvRational(AVRational value);

AVFieldOrder ToAvFieldOrder(FieldOrder order);

AVColorRange ToAvColorRange(const Colour& colour);
// The five colour fields of AVCodecParameters, AVCodecContext or AVFrame.
Colour ColourOf(AVColorRange range, AVColorPrimaries primaries,
                AVColorTransferCharacteristic transfer, AVColorSpace matrix,
                AVChromaLocation location);

// A name of libav, "" where it has none.
std::string OrEmpty(const char* name);

// libav's names. The readers give "" for "none".
// The parsers throw Error(kPlanUnsupported) for a name that this libav does not know.
std::string PixelFormatName(AVPixelFormat format);
AVPixelFormat ParsePixelFormat(const std::string& name);
// libav's "yuvj" formats are the "yuv" ones of full range, which stands apart everywhere else;
// other formats stay.
AVPixelFormat WithoutRange(AVPixelFormat format);
// The "yuvj" format by that name, of a format that has one; other names stay.
std::string FullRangeFormatName(const std::string& name);
std::string SampleFormatName(AVSampleFormat format);
AVSampleFormat ParseSampleFormat(const std::string& name);
std::string ChannelLayoutName(const AVChannelLayout& layout);

// A channel layout by value.
class ChannelLayout {
 public:
  // `name`: "stereo", "5.1(side)"; "6 channels" is the usual layout for that number. Throws
  // Error(kPlanUnsupported) when not one.
  explicit ChannelLayout(const std::string& name);
  // Of an unordered layout, the usual one for its number of channels.
  explicit ChannelLayout(const AVChannelLayout& layout);
  ChannelLayout(const ChannelLayout& other);
  ChannelLayout& operator=(const ChannelLayout& other);
  ~ChannelLayout();

  const AVChannelLayout& get() const { return layout_; }
  int channels() const { return layout_.nb_channels; }
  std::string name() const { return ChannelLayoutName(layout_); }

  friend bool operator==(const ChannelLayout& a, const ChannelLayout& b);

 private:
  AVChannelLayout layout_{};
};

}  // namespace opencut
