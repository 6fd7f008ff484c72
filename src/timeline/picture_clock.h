// When the pictures of one source are on screen, in the source's time. Exact.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "timeline/gop_index.h"
#include "timeline/planner.h"
#include "timeline/window_order.h"

namespace opencut {

// A point where one picture gives way to the next. The last one of a source is its end, where no
// picture begins.
struct Boundary {
  Seconds time;
  std::int64_t pts = 0;  // Of the picture that begins here; at the end, where it would begin.
  bool is_end = false;
};

// Asking about a time that the source's index does not cover is a programming error
// (std::logic_error). Refers to `source`, which must outlive it.
class PictureClock {
 public:
  explicit PictureClock(const PlanSource& source) : source_(source) {}

  // The boundary at which the picture on screen at `time` began; before the first picture, the
  // first one's. Past the end: the last picture's.
  Boundary OnScreen(const Seconds& time) const;
  // The first boundary at or after `time`; the end when there is none.
  Boundary AtOrAfter(const Seconds& time) const;
  // The boundary closest to `time`, the later one of two as close.
  Boundary Nearest(const Seconds& time) const;
  // The boundary at which the picture that begins at `begin` gives way. REQUIRES: !begin.is_end.
  Boundary After(const Boundary& begin) const;
  // Where the last picture stops being shown; nothing when the index does not reach the end, in
  // which case every time the planner may ask about lies before it.
  std::optional<Seconds> End() const;

  // How many of the source's shown pictures begin before `pts`.
  std::int64_t Rank(std::int64_t pts) const;

  // Size of the source's packets before one that a window of the index holds, or ends with.
  std::int64_t BytesBefore(std::int64_t ordinal) const;

  // The window that knows what is shown at `pts`.
  const WindowOrder& WindowAt(std::int64_t pts) const;
  // A window that knows the last picture that begins before `pts`, or begins itself with the one
  // behind that.
  const WindowOrder& WindowBefore(std::int64_t pts) const;

 private:
  const WindowOrder& OrderOf(const GopWindow& window) const;
  Boundary At(const WindowOrder& order, std::size_t shown_index) const;
  Boundary FirstFrom(std::int64_t pts) const;

  const PlanSource& source_;
  mutable std::map<const GopWindow*, WindowOrder> orders_;
};

}  // namespace opencut
