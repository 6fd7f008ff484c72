#include "media/libav_ptr.h"

#include <gtest/gtest.h>

namespace opencut {
namespace {

TEST(Check, HandsAValueThatIsNotNegativeThrough) {
  EXPECT_EQ(Check(0, "anything"), 0);
  EXPECT_EQ(Check(17, "anything"), 17);
}

TEST(Check, ThrowsTheOperationAndLibavsText) {
  try {
    Check(AVERROR_INVALIDDATA, "open clip.mp4", ErrorCode::kProbe);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kProbe);
    EXPECT_STREQ(error.what(), "open clip.mp4: Invalid data found when processing input");
    EXPECT_EQ(error.context().libav, "Invalid data found when processing input");
  }
}

TEST(Check, TakesTheReturnValueOfAnInterruptedCallForCancelled) {
  EXPECT_THROW(Check(AVERROR_EXIT, "anything"), Cancelled);
}

TEST(CheckAllocated, ThrowsForANullPointer) {
  int object = 0;
  EXPECT_EQ(CheckAllocated(&object), &object);
  EXPECT_THROW(CheckAllocated<int>(nullptr), std::bad_alloc);
}

}  // namespace
}  // namespace opencut
