#include "json/iso_date_time.h"

#include <gtest/gtest.h>

namespace opencut {
namespace {

TEST(IsUtcDateTime, TakesWhatToIsoStringWrites) {
  for (const char* text : {"2024-02-29T12:34:56.789Z", "1970-01-01T00:00:00Z",
                           "2000-02-29T23:59:59.1Z", "2024-12-31T23:59Z", "0000-02-29T00:00:00Z",
                           "9999-12-31T00:00:00.00000000000000000000000000000000001Z"}) {
    EXPECT_TRUE(IsUtcDateTime(text)) << text;
  }
}

TEST(IsUtcDateTime, RefusesDaysThatTheCalendarDoesNotHave) {
  for (const char* text : {"2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z",
                           "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z",
                           "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00:60Z"}) {
    EXPECT_FALSE(IsUtcDateTime(text)) << text;
  }
}

TEST(IsUtcDateTime, RefusesOtherSpellings) {
  for (const char* text :
       {"", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01T00:00:00+00:00",
        "2024-01-01 00:00:00Z", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z",
        "2024-1-1T00:00:00Z", "2024-01-01T00Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00.5Z",
        "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00Z\n", " 2024-01-01T00:00:00Z",
        "+02024-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "2024-01-01T00:00:00ZZ"}) {
    EXPECT_FALSE(IsUtcDateTime(text)) << text;
  }
}

}  // namespace
}  // namespace opencut
