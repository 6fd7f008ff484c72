#include "base/error.h"

#include <utility>

namespace opencut {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadArgs:
      return "ERR_BAD_ARGS";
    case ErrorCode::kOutOfRange:
      return "ERR_OUT_OF_RANGE";
    case ErrorCode::kProbe:
      return "ERR_PROBE";
    case ErrorCode::kPlanUnsupported:
      return "ERR_PLAN_UNSUPPORTED";
    case ErrorCode::kExec:
      return "ERR_EXEC";
    case ErrorCode::kVerify:
      return "ERR_VERIFY";
    case ErrorCode::kFs:
      return "ERR_FS";
  }
  return "ERR_EXEC";
}

bool IsRetryable(ErrorCode code) {
  return code == ErrorCode::kExec || code == ErrorCode::kVerify || code == ErrorCode::kFs;
}

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kPlanning:
      return "planning";
    case Phase::kRendering:
      return "rendering";
    case Phase::kFinalizing:
      return "finalizing";
    case Phase::kVerifying:
      return "verifying";
  }
  return "planning";
}

Error::Error(ErrorCode code, const std::string& message, ErrorContext context, std::string hint)
    : std::runtime_error(message),
      code_(code),
      hint_(std::move(hint)),
      context_(std::move(context)) {}

Error& Error::InPhase(Phase phase) {
  if (!phase_) phase_ = phase;
  return *this;
}

Error& Error::OfSource(int source) {
  if (!context_.source) context_.source = source;
  return *this;
}

Error& Error::OfSegment(int segment) {
  if (!context_.segment) context_.segment = segment;
  return *this;
}

Error& Error::OfPath(const std::string& path) {
  if (!context_.path) context_.path = path;
  return *this;
}

Error& Error::OfJsonPath(const std::string& json_path) {
  if (!context_.json_path) context_.json_path = json_path;
  return *this;
}

}  // namespace opencut
