#include "media/dictionary.h"

#include <gtest/gtest.h>

#include "media/libav_ptr.h"

namespace opencut {
namespace {

TEST(Dictionary, NamesTheOptionsThatNobodyTook) {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_PCM_S16LE);
  const CodecContextPtr context(avcodec_alloc_context3(codec));
  context->ch_layout.nb_channels = 1;
  context->sample_rate = 48'000;
  Dictionary options({{"threads", "1"}, {"colour_of_sky", "blue"}, {"taste", "sour"}});
  Check(avcodec_open2(context.get(), codec, options.address()), "open");
  try {
    options.RequireAllTaken("the decoder", ErrorCode::kPlanUnsupported);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
    EXPECT_STREQ(error.what(), "the decoder does not know the option colour_of_sky, taste");
  }
}

TEST(Dictionary, OfNothingLeftIsFine) {
  Dictionary().RequireAllTaken("anyone");
  Dictionary options;
  options.Set("a", "1");
  options.Set("a", "2");
  EXPECT_EQ(av_dict_count(*options.address()), 1);
  EXPECT_STREQ(av_dict_get(*options.address(), "a", nullptr, 0)->value, "2");
}

}  // namespace
}  // namespace opencut
