// What is asked for: segments cut from sources, in output order, and the kind of file wanted.
#pragma once

#include <optional>
#include <vector>

#include "timeline/rational.h"

namespace opencut {

struct Segment {
  int source = 0;  // Index into the sources.
  Seconds start;   // In the source's time.
  Seconds end;
  bool heard = true;  // False: silence in its place.
};

enum class OutputFormat { kMp4, kWebm };
enum class OutputCodec { kCopy, kH264, kH265 };

struct Edit {
  std::vector<Segment> segments;
  OutputFormat format = OutputFormat::kMp4;
  OutputCodec codec = OutputCodec::kCopy;
  bool include_audio = true;
  // The editor's canvas. Used only where every picture is encoded anew.
  std::optional<int> width;
  std::optional<int> height;
  std::optional<Rational> frame_rate;
};

// Neighbouring segments that continue in one source: cut and placed as one.
struct RunRange {
  int first_segment = 0;
  int last_segment = 0;
  int source = 0;
  Seconds start;
  Seconds end;
  bool heard = true;
};

// Joins a segment to the run before it when it begins within 1 ms of that run's end in the same
// source and is heard like it. Throws Error(kOutOfRange) for a segment with end <= start.
std::vector<RunRange> JoinRuns(const std::vector<Segment>& segments);

// The exact rate a decimal number of frames per second stands for: 29.97 is 30000/1001. Held to
// within 1/1000 and 1e6 frames per second. REQUIRES: fps > 0, finite.
Rational FrameRateFromDouble(double fps);

}  // namespace opencut
