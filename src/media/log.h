// libav's log, taken from stderr and given to the job it belongs to.
//
// A line belongs to the job whose sink was current on the thread that made the codec, format or
// filter context it comes from; contexts that libav makes on its own have no such mark, their lines
// belong to the job of the thread they are logged on. What is left is given to all jobs, marked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace opencut {

enum class LogLevel { kError, kWarning, kInfo, kVerbose, kDebug };

struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string from;         // What libav calls the context: "h264", "mp4"; may be empty.
  std::string text;         // One line, without its end. Bytes as libav gave them: UTF-8 or not.
  bool of_this_job = true;  // False: the origin is not known, all jobs got it.
};

struct LogBatch {
  std::vector<LogLine> lines;
  std::uint64_t dropped = 0;  // Lines lost since the last batch because the sink was full.
};

// One job's lines, from any thread, until they are taken. It must outlive every adapter made while
// it was current.
class LogSink {
 public:
  // Keeps lines up to `level`; when `capacity_lines` wait, further ones are dropped and counted.
  LogSink(LogLevel level, std::size_t capacity_lines);
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  ~LogSink();

  LogBatch Take();

  LogLevel level() const { return level_; }
  void Add(LogLine line) noexcept;

 private:
  const LogLevel level_;
  const std::size_t capacity_lines_;
  std::mutex mutex_;
  std::deque<LogLine> lines_;  // Guarded by mutex_.
  std::uint64_t dropped_ = 0;  // Guarded by mutex_.
};

// Makes a sink the current one of this thread. Scopes nest.
class LogScope {
 public:
  explicit LogScope(LogSink& sink);
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
  ~LogScope();

 private:
  LogSink* const outer_;
};

// The mark that an adapter puts into `opaque` of a codec context, format context or filter graph it
// makes, so that lines of the threads libav starts find their job. Also puts libav's log under our
// hand: from the first call on, nothing of it reaches stderr in this process.
void* LogOwner();

}  // namespace opencut
