#include "json/job_json.h"

#include "json/json_text.h"

namespace opencut {
namespace {

JsonObject ContextJson(const ErrorContext& context) {
  JsonObject object = JsonObject::object();
  SetIfKnown(object, "path", context.path);
  SetIfKnown(object, "source", context.source);
  SetIfKnown(object, "segment", context.segment);
  SetIfKnown(object, "jsonPath", context.json_path);
  SetIfKnown(object, "libav", context.libav);
  SetIfKnown(object, "system", context.system);
  return object;
}

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    default:
      return "info";
  }
}

}  // namespace

std::string ToJson(const Error& error) {
  JsonObject object = {{"code", ErrorCodeName(error.code())}, {"message", error.what()}};
  SetUnlessEmpty(object, "hint", error.hint());
  object["retryable"] = IsRetryable(error.code());
  if (error.phase()) object["phase"] = PhaseName(*error.phase());
  object["context"] = ContextJson(error.context());
  return Text(object);
}

std::string CancelledJson() { return R"({"code":"ABORTED"})"; }

std::string ToJson(const LogLine& line, std::uint64_t dropped_before) {
  return Text({{"level", LevelName(line.level)},
               {"message", line.text},
               {"component", line.from},
               {"unknownOrigin", !line.of_this_job},
               {"dropped", dropped_before}});
}

}  // namespace opencut
