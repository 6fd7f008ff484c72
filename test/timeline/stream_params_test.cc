#include "timeline/stream_params.h"

#include <gtest/gtest.h>

#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

constexpr std::int32_t kOne = 1 << 16;
constexpr std::int32_t kPerspective = 1 << 30;
constexpr DisplayMatrix kUpright = {kOne, 0, 0, 0, kOne, 0, 0, 0, kPerspective};
// As a phone writes it for a picture to be turned a quarter clockwise, moved back into view.
constexpr DisplayMatrix kQuarter = {0, kOne, 0, -kOne, 0, 0, 1080 * kOne, 0, kPerspective};
constexpr DisplayMatrix kQuarterInPlace = {0, kOne, 0, -kOne, 0, 0, 0, 0, kPerspective};
constexpr DisplayMatrix kHalf = {-kOne, 0, 0, 0, -kOne, 0, 0, 0, kPerspective};
constexpr DisplayMatrix kThreeQuarters = {0, -kOne, 0, kOne, 0, 0, 0, 0, kPerspective};

VideoParams Camera() { return *SyntheticStream(StreamPattern()).Source().video; }

void ExpectApart(const VideoParams& a, const VideoParams& b, const char* word) {
  for (const auto& reason : {WhyNotShared(a, b), WhyNotShared(b, a)}) {
    ASSERT_TRUE(reason.has_value()) << word;
    EXPECT_NE(reason->find(word), std::string::npos) << *reason;
  }
}

TEST(RotationDegrees, CountsClockwise) {
  EXPECT_EQ(RotationDegrees(kUpright), 0);
  EXPECT_EQ(RotationDegrees(kQuarter), 90);
  EXPECT_EQ(RotationDegrees(kHalf), 180);
  EXPECT_EQ(RotationDegrees(kThreeQuarters), 270);
  // 30 degrees: cosine 0.8660, sine 0.5.
  EXPECT_EQ(RotationDegrees({56'756, 32'768, 0, -32'768, 56'756, 0, 0, 0, kPerspective}), 30);
  // Just below a whole turn.
  EXPECT_EQ(RotationDegrees({kOne, -1, 0, 1, kOne, 0, 0, 0, kPerspective}), 0);
}

TEST(WhyNotShared, LetsEqualStreamsShare) {
  EXPECT_EQ(WhyNotShared(Camera(), Camera()), std::nullopt);
  EXPECT_FALSE(AssumedColour(Camera(), Camera()));
}

TEST(WhyNotShared, IgnoresWhatDecodersTakeFromTheHeaders) {
  VideoParams other = Camera();
  other.profile = "Main";
  other.level = 51;
  other.frame_rate = Rational(30'000, 1001);
  other.reorder_depth = 0;
  other.extradata = {1, 2, 3};
  other.colour.chroma_location = 1;
  EXPECT_EQ(WhyNotShared(Camera(), other), std::nullopt);
}

TEST(WhyNotShared, NamesEveryDifferenceThatCannotBeMended) {
  const auto with = [](auto change) {
    VideoParams video = Camera();
    change(video);
    return video;
  };
  ExpectApart(Camera(), with([](VideoParams& v) { v.codec = "hevc"; }), "codec");
  ExpectApart(Camera(), with([](VideoParams& v) { v.width = 1916; }), "size");
  ExpectApart(Camera(), with([](VideoParams& v) { v.height = 1072; }), "size");
  ExpectApart(Camera(), with([](VideoParams& v) { v.coded_width = 1936; }), "size");
  ExpectApart(Camera(), with([](VideoParams& v) { v.coded_height = 1080; }), "size");
  ExpectApart(Camera(), with([](VideoParams& v) { v.pixel_format = "yuv422p"; }), "pixel format");
  ExpectApart(Camera(), with([](VideoParams& v) { v.bit_depth = 10; }), "pixel format");
  ExpectApart(Camera(), with([](VideoParams& v) { v.sample_aspect_ratio = Rational(4, 3); }),
              "aspect");
  ExpectApart(Camera(), with([](VideoParams& v) { v.display_matrix = kQuarter; }), "rotation");
  ExpectApart(Camera(), with([](VideoParams& v) { v.interlaced = true; }), "interlaced");
  ExpectApart(Camera(), with([](VideoParams& v) { v.single_fields = true; }), "fields");
  ExpectApart(Camera(), with([](VideoParams& v) { v.colour.full_range = true; }), "range");
  ExpectApart(Camera(), with([](VideoParams& v) { v.colour.matrix = 9; }), "matrix");
  ExpectApart(Camera(), with([](VideoParams& v) { v.colour.primaries = 9; }), "primaries");
  ExpectApart(Camera(), with([](VideoParams& v) { v.colour.transfer = 16; }), "transfer");
}

TEST(WhyNotShared, ComparesHowMatricesTurnNotWhereTheyMoveThePicture) {
  VideoParams moved = Camera();
  VideoParams in_place = Camera();
  moved.display_matrix = kQuarter;
  in_place.display_matrix = kQuarterInPlace;
  EXPECT_EQ(WhyNotShared(moved, in_place), std::nullopt);
  VideoParams upright = Camera();
  upright.display_matrix = kUpright;
  EXPECT_EQ(WhyNotShared(upright, Camera()), std::nullopt) << "no matrix is the upright one";
  VideoParams turned = Camera();
  turned.display_matrix = kThreeQuarters;
  ExpectApart(moved, turned, "rotation");
}

TEST(WhyNotShared, TakesUnspecifiedColourForTheOthers) {
  for (int Colour::*field : {&Colour::matrix, &Colour::primaries, &Colour::transfer}) {
    VideoParams silent = Camera();
    silent.colour.*field = Colour::kUnspecified;
    EXPECT_EQ(WhyNotShared(Camera(), silent), std::nullopt);
    EXPECT_EQ(WhyNotShared(silent, Camera()), std::nullopt);
    EXPECT_TRUE(AssumedColour(silent, Camera()));
  }
}

TEST(WhyNotShared, NeverSharesAcrossRanges) {
  VideoParams full = Camera();
  full.colour.full_range = true;
  VideoParams unknown = Camera();
  unknown.colour.range_known = false;
  EXPECT_EQ(WhyNotShared(Camera(), unknown), std::nullopt) << "unknown is shown as limited";
  ExpectApart(full, unknown, "range");
}

VideoParams Told(int primaries, int transfer) {
  VideoParams params = Camera();
  params.colour.primaries = primaries;
  params.colour.transfer = transfer;
  return params;
}

TEST(ShowsOtherLight, TellsHdrAndWideGamutsApart) {
  const VideoParams sdr = Told(Colour::kBt709, Colour::kBt709);
  const VideoParams pq = Told(Colour::kBt2020, Colour::kPq);
  const VideoParams hlg = Told(Colour::kBt2020, Colour::kHlg);
  const VideoParams wide = Told(Colour::kBt2020, 14);
  const VideoParams standard_definition = Told(6, 6);
  EXPECT_TRUE(ShowsOtherLight(sdr, pq));
  EXPECT_TRUE(ShowsOtherLight(hlg, sdr));
  EXPECT_TRUE(ShowsOtherLight(pq, hlg));
  EXPECT_TRUE(ShowsOtherLight(sdr, wide));
  EXPECT_FALSE(ShowsOtherLight(pq, pq));
  EXPECT_FALSE(ShowsOtherLight(sdr, standard_definition));
}

TEST(ShowsOtherLight, HeedsTheTransferThatIsMeant) {
  VideoParams meant = Told(Colour::kBt2020, 14);
  meant.hdr.preferred_transfer = Colour::kHlg;
  EXPECT_FALSE(ShowsOtherLight(meant, Told(Colour::kBt2020, Colour::kHlg)));
  EXPECT_TRUE(ShowsOtherLight(meant, Told(Colour::kBt2020, 14)));
}

TEST(ShowsOtherLight, TakesWhatIsNotSaidForTheOthersOnlyWhereBothCouldBeCopied) {
  VideoParams silent = Told(Colour::kUnspecified, Colour::kUnspecified);
  VideoParams pq = Told(Colour::kBt2020, Colour::kPq);
  EXPECT_FALSE(ShowsOtherLight(silent, pq));
  EXPECT_EQ(MeantColour(silent, pq).transfer, Colour::kPq);
  pq.pixel_format = "yuv420p10le";
  EXPECT_TRUE(ShowsOtherLight(silent, pq));
  EXPECT_EQ(MeantColour(silent, pq).transfer, Colour::kBt709);
}

}  // namespace
}  // namespace opencut
