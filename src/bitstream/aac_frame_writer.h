// Writes single AAC-LC frames from spectra: the few that stand between copied ones.
//
// No psychoacoustics: every band gets the same ratio of signal to noise, the best that the room of
// a frame allows, which is far more than an encoder would spend on it.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "bitstream/aac_frame.h"
#include "bitstream/bytes.h"

namespace opencut {

inline constexpr int kAacFrameSamples = 1024;

// The 1024 lines of one channel's transform of long windows (4.6.11.3.1), samples at the scale of
// 16 bits.
using AacSpectrum = std::array<float, kAacFrameSamples>;

// Whether frames of such streams can be written: one or two channels at 32, 44.1 or 48 kHz.
bool CanWriteAacFrames(int sample_rate, int channels);

// A raw_data_block() that holds nothing but the channels, at most 6144 bits each (4.5.3.2).
// REQUIRES: CanWriteAacFrames(), a window sequence other than kEightShort.
Bytes WriteAacFrame(const std::vector<AacSpectrum>& channels, const AacWindow& window,
                    int sample_rate);

}  // namespace opencut
