#include "base/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace opencut {
namespace {

struct CodeText {
  ErrorCode code;
  const char* name;
  bool retryable;
};

// As the callers see them: names and the right to try again are API.
TEST(Error, CodesHaveTheirPublishedNamesAndRetryability) {
  const std::vector<CodeText> published = {
      {ErrorCode::kBadArgs, "ERR_BAD_ARGS", false},
      {ErrorCode::kOutOfRange, "ERR_OUT_OF_RANGE", false},
      {ErrorCode::kProbe, "ERR_PROBE", false},
      {ErrorCode::kPlanUnsupported, "ERR_PLAN_UNSUPPORTED", false},
      {ErrorCode::kExec, "ERR_EXEC", true},
      {ErrorCode::kVerify, "ERR_VERIFY", true},
      {ErrorCode::kFs, "ERR_FS", true},
  };
  for (const CodeText& entry : published) {
    EXPECT_EQ(ErrorCodeName(entry.code), entry.name);
    EXPECT_EQ(IsRetryable(entry.code), entry.retryable) << entry.name;
  }
}

TEST(Error, PhasesHaveTheirPublishedNames) {
  EXPECT_EQ(PhaseName(Phase::kPlanning), "planning");
  EXPECT_EQ(PhaseName(Phase::kRendering), "rendering");
  EXPECT_EQ(PhaseName(Phase::kFinalizing), "finalizing");
  EXPECT_EQ(PhaseName(Phase::kVerifying), "verifying");
}

TEST(Error, CarriesWhatItWasThrownWith) {
  const Error error(ErrorCode::kProbe, "cannot open a.mp4", {.path = "a.mp4", .libav = "EOF"},
                    "is it whole?");
  EXPECT_EQ(error.code(), ErrorCode::kProbe);
  EXPECT_STREQ(error.what(), "cannot open a.mp4");
  EXPECT_EQ(error.hint(), "is it whole?");
  EXPECT_EQ(error.context().path, "a.mp4");
  EXPECT_EQ(error.context().libav, "EOF");
  EXPECT_EQ(error.context().source, std::nullopt);
  EXPECT_EQ(error.phase(), std::nullopt);
}

TEST(Error, LetsOuterPlacesFillInOnlyWhatIsNotKnown) {
  Error error(ErrorCode::kExec, "decoding failed", {.source = 3});
  error.OfSource(7).OfSegment(1).OfPath("a.mp4").InPhase(Phase::kRendering);
  error.OfSegment(2).OfPath("b.mp4").InPhase(Phase::kFinalizing);
  EXPECT_EQ(error.context().source, 3);
  EXPECT_EQ(error.context().segment, 1);
  EXPECT_EQ(error.context().path, "a.mp4");
  EXPECT_EQ(error.phase(), Phase::kRendering);
}

TEST(Error, IsNotWhatACancelledJobThrows) {
  try {
    throw Cancelled();
  } catch (const Error&) {
    FAIL() << "a cancelled job did not fail";
  } catch (const std::exception& cancelled) {
    EXPECT_STREQ(cancelled.what(), "cancelled");
  }
}

}  // namespace
}  // namespace opencut
