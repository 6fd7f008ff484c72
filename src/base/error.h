// The one failure type of the library, its closed list of codes, and the separate type for a
// cancelled job. Expected outcomes (end of file, "codec is full") are values, never these.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace opencut {

// Codes are API, messages are not. The comment names the code's text as JavaScript sees it.
enum class ErrorCode {
  kBadArgs,          // ERR_BAD_ARGS: invalid config, option or path.
  kOutOfRange,       // ERR_OUT_OF_RANGE: a cut outside its source, or empty.
  kProbe,            // ERR_PROBE: a source cannot be opened or read as media.
  kPlanUnsupported,  // ERR_PLAN_UNSUPPORTED: what is asked cannot be done.
  kExec,             // ERR_EXEC: decoding, filtering, encoding or muxing failed.
  kVerify,           // ERR_VERIFY: the result is not what the plan promised.
  kFs,               // ERR_FS: permission, disk full, missing directory.
};

// "ERR_BAD_ARGS" and so on.
std::string_view ErrorCodeName(ErrorCode code);

// Whether the same request may succeed when tried again, without being changed.
bool IsRetryable(ErrorCode code);

// Where a job stands; also the phase of its progress reports.
enum class Phase { kPlanning, kRendering, kFinalizing, kVerifying };

// "planning" and so on.
std::string_view PhaseName(Phase phase);

// What a failure is about. Unset fields do not apply.
struct ErrorContext {
  std::optional<std::string> path = {};       // The file.
  std::optional<int> source = {};             // Index into the config's sources.
  std::optional<int> segment = {};            // Index into the config's segments.
  std::optional<std::string> json_path = {};  // Of the offending value: "segments[2].endTime".
  std::optional<std::string> libav = {};      // libav's own text for its error number.
  std::optional<std::string> system = {};     // The errno's name or text.
};

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, ErrorContext context = {},
        std::string hint = {});

  ErrorCode code() const { return code_; }
  // What the caller can do about it; empty when there is nothing to say.
  const std::string& hint() const { return hint_; }
  const ErrorContext& context() const { return context_; }
  const std::optional<Phase>& phase() const { return phase_; }

  // Fill in what the place that threw could not know. What is already set stays.
  Error& InPhase(Phase phase);
  Error& OfSource(int source);
  Error& OfSegment(int segment);
  Error& OfPath(const std::string& path);
  Error& OfJsonPath(const std::string& json_path);

 private:
  ErrorCode code_;
  std::string hint_;
  ErrorContext context_;
  std::optional<Phase> phase_;
};

// The job was cancelled by its caller. Not an Error: the caller knows why and reports its own
// reason.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace opencut
