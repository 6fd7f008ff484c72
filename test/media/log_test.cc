#include "media/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "media/decoder.h"
#include "media/encoder.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using testing::H264Clip;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ReadPackets;
using testing::ReadStream;

ReadStream DamagedStream() {
  ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  for (std::size_t i = 10; i < 60; i += 10) {
    stream.packets[i].ReplaceBytes(std::vector<std::uint8_t>(500, 0x5a));
  }
  return stream;
}

void DecodeAll(Decoder& decoder, const ReadStream& stream) {
  const auto take = [&] {
    while (decoder.Receive()) {
    }
  };
  for (const Packet& packet : stream.packets) {
    while (!decoder.Send(packet)) take();
  }
  decoder.Drain();
  take();
}

// Named, since a macro's argument must not hold a comma of a type.
auto Line(const std::string& text) { return Field(&LogLine::text, text); }

TEST(Log, GivesALineToTheJobThatMadeTheContextWhateverThreadLogsIt) {
  const ReadStream damaged = DamagedStream();
  const ReadStream whole = ReadPackets(H264Clip(), MediaType::kVideo);
  LogSink first(LogLevel::kWarning, 1000);
  LogSink second(LogLevel::kWarning, 1000);
  std::optional<Decoder> of_first;
  std::optional<Decoder> of_second;
  {
    const LogScope scope(first);
    of_first.emplace(damaged.parameters, damaged.time_base, DecoderOptions{.threads = 4});
  }
  {
    const LogScope scope(second);
    of_second.emplace(whole.parameters, whole.time_base, DecoderOptions{.threads = 4});
  }
  std::thread other([&] { DecodeAll(*of_second, whole); });
  DecodeAll(*of_first, damaged);
  other.join();
  const LogBatch batch = first.Take();
  EXPECT_GE(batch.lines.size(), 5u);
  EXPECT_THAT(batch.lines,
              Each(AllOf(Field(&LogLine::from, "h264"), Field(&LogLine::of_this_job, true))));
  EXPECT_THAT(second.Take().lines, IsEmpty());
  EXPECT_THAT(first.Take().lines, IsEmpty());
}

TEST(Log, GivesALineWithoutAMarkToTheJobOfItsThread) {
  LogSink outer(LogLevel::kInfo, 10);
  LogSink inner(LogLevel::kInfo, 10);
  const LogScope outer_scope(outer);
  {
    const LogScope inner_scope(inner);
    av_log(nullptr, AV_LOG_INFO, "inside\n");
  }
  av_log(nullptr, AV_LOG_INFO, "outside\n");
  EXPECT_THAT(inner.Take().lines, ElementsAre(Line("inside")));
  const LogBatch batch = outer.Take();
  EXPECT_THAT(batch.lines, ElementsAre(Line("outside")));
  EXPECT_TRUE(batch.lines[0].of_this_job);
}

TEST(Log, GivesALineOfUnknownOriginToAllAndSaysSo) {
  LogSink first(LogLevel::kInfo, 10);
  LogSink second(LogLevel::kInfo, 10);
  av_log(nullptr, AV_LOG_WARNING, "whose?\n");
  for (LogSink* sink : {&first, &second}) {
    const LogBatch batch = sink->Take();
    ASSERT_THAT(batch.lines, ElementsAre(Line("whose?")));
    EXPECT_EQ(batch.lines[0].level, LogLevel::kWarning);
    EXPECT_FALSE(batch.lines[0].of_this_job);
  }
}

// Another user of libav in this process may have marks of its own.
TEST(Log, TakesAMarkThatIsNoSinkForNone) {
  LogSink sink(LogLevel::kInfo, 10);
  const CodecContextPtr foreign(avcodec_alloc_context3(nullptr));
  int mark = 0;
  foreign->opaque = &mark;
  av_log(foreign.get(), AV_LOG_ERROR, "foreign\n");
  const LogBatch batch = sink.Take();
  ASSERT_THAT(batch.lines, ElementsAre(Line("foreign")));
  EXPECT_FALSE(batch.lines[0].of_this_job);
}

TEST(Log, KeepsLinesUpToItsLevel) {
  LogSink sink(LogLevel::kWarning, 10);
  LogSink talkative(LogLevel::kDebug, 10);
  const LogScope scope(sink);
  av_log(nullptr, AV_LOG_FATAL, "fatal\n");
  av_log(nullptr, AV_LOG_WARNING, "warning\n");
  av_log(nullptr, AV_LOG_INFO, "info\n");
  EXPECT_THAT(sink.Take().lines, ElementsAre(Line("fatal"), Line("warning")));
}

TEST(Log, CountsWhatAFullSinkDrops) {
  LogSink sink(LogLevel::kInfo, 3);
  const LogScope scope(sink);
  for (int i = 0; i < 10; ++i) av_log(nullptr, AV_LOG_INFO, "line %d\n", i);
  LogBatch batch = sink.Take();
  EXPECT_THAT(batch.lines, ElementsAre(Line("line 0"), Line("line 1"), Line("line 2")));
  EXPECT_EQ(batch.dropped, 7u);
  av_log(nullptr, AV_LOG_INFO, "again\n");
  batch = sink.Take();
  EXPECT_THAT(batch.lines, ElementsAre(Line("again")));
  EXPECT_EQ(batch.dropped, 0u);
}

TEST(Log, JoinsPiecesAndPartsLines) {
  LogSink sink(LogLevel::kInfo, 10);
  const LogScope scope(sink);
  av_log(nullptr, AV_LOG_INFO, "one ");
  av_log(nullptr, AV_LOG_INFO, "line\nand another\n\nhalf");
  EXPECT_THAT(sink.Take().lines, ElementsAre(Line("one line"), Line("and another")));
  av_log(nullptr, AV_LOG_INFO, " done\n");
  EXPECT_THAT(sink.Take().lines, ElementsAre(Line("half done")));
}

TEST(Log, CutsALineThatIsTooLong) {
  LogSink sink(LogLevel::kInfo, 10);
  const LogScope scope(sink);
  av_log(nullptr, AV_LOG_INFO, "%s\n", std::string(5000, 'x').c_str());
  av_log(nullptr, AV_LOG_INFO, "next\n");
  const LogBatch batch = sink.Take();
  EXPECT_THAT(batch.lines, ElementsAre(Line(std::string(1023, 'x')), Line("next")));
}

void EncodeOnePicture(const std::string& codec) {
  Encoder encoder(VideoEncoderOptions{.codec = codec,
                                      .width = 64,
                                      .height = 64,
                                      .time_base = Rational(1, 25),
                                      .frame_rate = 25,
                                      .private_options = {}});
  Frame frame = Frame::Video(64, 64, "yuv420p");
  frame.SetPts(0);
  ASSERT_TRUE(encoder.Send(frame));
  encoder.Drain();
  EXPECT_TRUE(encoder.Receive());
}

TEST(Log, LeavesStandardErrorAlone) {
  const ReadStream damaged = DamagedStream();
  ::testing::internal::CaptureStderr();
  Decoder decoder(damaged.parameters, damaged.time_base);
  DecodeAll(decoder, damaged);
  EncodeOnePicture("libx264");
  EncodeOnePicture("libx265");
  EncodeOnePicture("libvpx-vp9");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Log, HasTheEncodersOwnLines) {
  LogSink sink(LogLevel::kInfo, 100);
  {
    const LogScope scope(sink);
    EncodeOnePicture("libx264");
  }
  EXPECT_THAT(sink.Take().lines, AllOf(Not(IsEmpty()), Each(Field(&LogLine::from, "libx264"))));
}

}  // namespace
}  // namespace opencut
