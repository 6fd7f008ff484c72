// The shapes are those of types/errors.d.ts and types/job.d.ts.
#include "json/job_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace opencut {
namespace {

using nlohmann::json;

TEST(ErrorToJson, HasTheFieldsOfTheDeclaration) {
  Error error(ErrorCode::kFs, "write /out.mp4: No space left on device",
              {.path = "/out.mp4", .system = "ENOSPC"}, "Free some space.");
  error.InPhase(Phase::kRendering).OfSegment(3).OfSource(1);
  EXPECT_EQ(json::parse(ToJson(error)), json::parse(R"({
    "code": "ERR_FS", "message": "write /out.mp4: No space left on device",
    "hint": "Free some space.", "retryable": true, "phase": "rendering",
    "context": {"path": "/out.mp4", "source": 1, "segment": 3, "system": "ENOSPC"}})"));
}

TEST(ErrorToJson, LeavesOutWhatDoesNotApply) {
  const Error error(ErrorCode::kBadArgs, "no", {.json_path = "output.fps"});
  EXPECT_EQ(json::parse(ToJson(error)), json::parse(R"({
    "code": "ERR_BAD_ARGS", "message": "no", "retryable": false,
    "context": {"jsonPath": "output.fps"}})"));
  EXPECT_EQ(json::parse(ToJson(Error(ErrorCode::kProbe, "no", {.libav = "Invalid data"}))),
            json::parse(R"({"code": "ERR_PROBE", "message": "no", "retryable": false,
                            "context": {"libav": "Invalid data"}})"));
}

TEST(ErrorToJson, KeepsPathsThatAreNotUtf8Readable) {
  const Error error(ErrorCode::kProbe, "open Caf\xe9.mp4", {.path = "Caf\xe9.mp4"});
  EXPECT_EQ(json::parse(ToJson(error))["context"]["path"], "Caf\ufffd.mp4");
}

TEST(CancelledJson, IsACodeOfItsOwn) {
  EXPECT_EQ(json::parse(CancelledJson()), json::parse(R"({"code": "ABORTED"})"));
}

TEST(LogLineToJson, HasTheFieldsOfTheDeclaration) {
  const LogLine line{
      .level = LogLevel::kWarning, .from = "h264", .text = "odd", .of_this_job = false};
  EXPECT_EQ(json::parse(ToJson(line, 7)), json::parse(R"({
    "level": "warning", "message": "odd", "component": "h264", "unknownOrigin": true,
    "dropped": 7})"));
  const auto level = [](LogLevel value) {
    LogLine of_level;
    of_level.level = value;
    return json::parse(ToJson(of_level, 0))["level"];
  };
  EXPECT_EQ(level(LogLevel::kError), "error");
  EXPECT_EQ(level(LogLevel::kInfo), "info");
}

}  // namespace
}  // namespace opencut
