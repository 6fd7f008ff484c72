#include "media/log.h"

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "media/libav.h"

namespace opencut {

namespace {

// libav's default line length.
constexpr std::size_t kMaxLineBytes = 1024;

// Never destroyed: threads of libav may still log while the process ends.
struct Registry {
  std::mutex mutex;
  std::vector<LogSink*> sinks;                   // Guarded by mutex.
  std::atomic<int> most_detailed{AV_LOG_QUIET};  // Of the sinks, as libav's number.
};

Registry& TheRegistry() {
  static Registry& registry = *new Registry;
  return registry;
}

thread_local LogSink* current_sink = nullptr;

int ToAvLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return AV_LOG_ERROR;
    case LogLevel::kWarning:
      return AV_LOG_WARNING;
    case LogLevel::kInfo:
      return AV_LOG_INFO;
    case LogLevel::kVerbose:
      return AV_LOG_VERBOSE;
    case LogLevel::kDebug:
      return AV_LOG_DEBUG;
  }
  return AV_LOG_DEBUG;
}

LogLevel FromAvLevel(int level) {
  if (level <= AV_LOG_ERROR) return LogLevel::kError;
  if (level <= AV_LOG_WARNING) return LogLevel::kWarning;
  if (level <= AV_LOG_INFO) return LogLevel::kInfo;
  if (level <= AV_LOG_VERBOSE) return LogLevel::kVerbose;
  return LogLevel::kDebug;
}

// REQUIRES: registry.mutex is held.
void UpdateMostDetailed(Registry& registry) {
  int most_detailed = AV_LOG_QUIET;
  for (const LogSink* sink : registry.sinks) {
    most_detailed = std::max(most_detailed, ToAvLevel(sink->level()));
  }
  registry.most_detailed.store(most_detailed, std::memory_order_relaxed);
}

const AVClass* ClassOf(void* context) {
  return context == nullptr ? nullptr : *static_cast<const AVClass**>(context);
}

// The mark of LogOwner() on a context or on what it lies in. Threads of a decoder log with copies
// of its context, which is why the mark is in the context and not in a table of addresses.
const void* OwnerOf(void* context) {
  for (const AVClass* c = ClassOf(context); c != nullptr; c = ClassOf(context)) {
    const void* owner = nullptr;
    if (c == avcodec_get_class()) {
      owner = static_cast<const AVCodecContext*>(context)->opaque;
    } else if (c == avformat_get_class()) {
      owner = static_cast<const AVFormatContext*>(context)->opaque;
    } else if (c == avfilter_get_class()) {
      const AVFilterGraph* graph = static_cast<const AVFilterContext*>(context)->graph;
      owner = graph == nullptr ? nullptr : graph->opaque;
    }
    if (owner != nullptr || c->parent_log_context_offset == 0) return owner;
    context = *reinterpret_cast<void**>(static_cast<char*>(context) + c->parent_log_context_offset);
  }
  return nullptr;
}

void Deliver(void* context, LogLine line) {
  const void* owner = OwnerOf(context);
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  const auto& sinks = registry.sinks;
  // An owner that is no sink of ours is another user of libav in this process.
  auto found = std::find(sinks.begin(), sinks.end(), owner);
  if (found == sinks.end()) found = std::find(sinks.begin(), sinks.end(), current_sink);
  if (found != sinks.end()) {
    (*found)->Add(std::move(line));
    return;
  }
  line.of_this_job = false;
  for (LogSink* sink : sinks) sink->Add(line);
}

// libav also logs lines piece by piece; what has no end yet waits here.
thread_local std::string unfinished;

void DeliverLines(void* context, int level, const char* format, std::va_list arguments) {
  char text[kMaxLineBytes];
  const int length = std::vsnprintf(text, sizeof(text), format, arguments);
  unfinished += text;
  // A piece that was cut short has lost its end.
  if (length >= static_cast<int>(sizeof(text)) || unfinished.size() >= kMaxLineBytes) {
    unfinished += '\n';
  }
  const AVClass* c = ClassOf(context);
  for (std::size_t end; (end = unfinished.find('\n')) != std::string::npos;) {
    LogLine line;
    line.level = FromAvLevel(level);
    line.from = c == nullptr || c->item_name == nullptr ? "" : c->item_name(context);
    line.text = unfinished.substr(0, end);
    unfinished.erase(0, end + 1);
    if (!line.text.empty()) Deliver(context, std::move(line));
  }
}

void OnLibavLog(void* context, int level, const char* format, std::va_list arguments) noexcept {
  // The upper bits of a level are a colour.
  if (level >= 0) level &= 0xff;
  if (level > TheRegistry().most_detailed.load(std::memory_order_relaxed)) return;
  try {
    DeliverLines(context, level, format, arguments);
  } catch (...) {  // libav is C: nothing may cross it. There was no memory for the line.
    unfinished.clear();
  }
}

void TakeLibavLog() {
  static const bool taken = [] {
    av_log_set_callback(&OnLibavLog);
    return true;
  }();
  static_cast<void>(taken);
}

}  // namespace

LogSink::LogSink(LogLevel level, std::size_t capacity_lines)
    : level_(level), capacity_lines_(capacity_lines) {
  TakeLibavLog();
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  registry.sinks.push_back(this);
  UpdateMostDetailed(registry);
}

LogSink::~LogSink() {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  std::erase(registry.sinks, this);
  UpdateMostDetailed(registry);
}

LogBatch LogSink::Take() {
  std::lock_guard lock(mutex_);
  LogBatch batch;
  batch.lines.assign(std::make_move_iterator(lines_.begin()),
                     std::make_move_iterator(lines_.end()));
  batch.dropped = std::exchange(dropped_, 0);
  lines_.clear();
  return batch;
}

void LogSink::Add(LogLine line) noexcept {
  if (line.level > level_) return;
  std::lock_guard lock(mutex_);
  if (lines_.size() >= capacity_lines_) {
    ++dropped_;
    return;
  }
  try {
    lines_.push_back(std::move(line));
  } catch (...) {
    ++dropped_;
  }
}

LogScope::LogScope(LogSink& sink) : outer_(std::exchange(current_sink, &sink)) {}

LogScope::~LogScope() { current_sink = outer_; }

void* LogOwner() {
  TakeLibavLog();
  return current_sink;
}

}  // namespace opencut
