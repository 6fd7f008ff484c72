#include "bitstream/bit_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "base/error.h"
#include "bitstream/bit_writer.h"

namespace opencut {
namespace {

// H.264 Table 9-2: code numbers 0 to 8 and their bit strings.
TEST(BitReader, ReadsTheCodesOfTable92) {
  // 1 010 011 00100 00101 00110 00111 0001000 0001001, padded with zeros.
  const Bytes bytes = {0b10100110, 0b01000010, 0b10011000, 0b11100010, 0b00000100, 0b10000000};
  BitReader reader(bytes);
  for (std::uint32_t code = 0; code <= 8; ++code) EXPECT_EQ(reader.ReadUe(), code);
  EXPECT_EQ(reader.position(), 41u);
}

// H.264 Table 9-3: se(v) of code numbers 0 to 4.
TEST(BitReader, ReadsSignedCodesInTheOrderOfTable93) {
  const Bytes bytes = {0b10100110, 0b01000010, 0b10000000};
  BitReader reader(bytes);
  EXPECT_EQ(reader.ReadSe(), 0);
  EXPECT_EQ(reader.ReadSe(), 1);
  EXPECT_EQ(reader.ReadSe(), -1);
  EXPECT_EQ(reader.ReadSe(), 2);
  EXPECT_EQ(reader.ReadSe(), -2);
}

TEST(BitReader, ReturnsWhatBitWriterWrote) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<int, std::uint32_t>> written;
    BitWriter writer;
    for (int i = 0; i < 50; ++i) {
      const int kind = static_cast<int>(random() % 3);
      const auto value = static_cast<std::uint32_t>(random() >> (random() % 32));
      written.emplace_back(kind, value);
      if (kind == 0) writer.WriteBits(value, 32);
      if (kind == 1) writer.WriteUe(value == UINT32_MAX ? 0 : value);
      if (kind == 2) writer.WriteSe(static_cast<std::int32_t>(value >> 1));
    }
    BitReader reader(writer.bytes());
    for (const auto& [kind, value] : written) {
      if (kind == 0) {
        ASSERT_EQ(reader.ReadBits(32), value);
      } else if (kind == 1) {
        ASSERT_EQ(reader.ReadUe(), value == UINT32_MAX ? 0 : value);
      } else {
        ASSERT_EQ(reader.ReadSe(), static_cast<std::int32_t>(value >> 1));
      }
    }
    EXPECT_LT(reader.remaining(), 8u);
  }
}

TEST(BitReader, ReadsTheLargestCodes) {
  BitWriter writer;
  writer.WriteUe(UINT32_MAX - 1);
  writer.WriteSe(std::numeric_limits<std::int32_t>::max());
  writer.WriteSe(-std::numeric_limits<std::int32_t>::max());
  BitReader reader(writer.bytes());
  EXPECT_EQ(reader.ReadUe(), UINT32_MAX - 1);
  EXPECT_EQ(reader.position(), 63u);
  EXPECT_EQ(reader.ReadSe(), std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(reader.ReadSe(), -std::numeric_limits<std::int32_t>::max());
}

TEST(BitReader, RefusesToReadPastTheEnd) {
  const Bytes bytes = {0x12, 0x34};
  BitReader reader(bytes);
  EXPECT_EQ(reader.ReadBits(12), 0x123u);
  EXPECT_THROW(reader.ReadBits(5), Error);
  EXPECT_THROW(reader.SkipBits(5), Error);
  EXPECT_EQ(reader.ReadBits(4), 4u);
  EXPECT_THROW(reader.ReadFlag(), Error);
}

TEST(BitReader, RefusesACodeThatNeverEndsOrIsTooLong) {
  const Bytes zeros(3, 0);
  EXPECT_THROW(BitReader(zeros).ReadUe(), Error);
  const Bytes too_long = {0, 0, 0, 0, 0x80, 0, 0, 0, 0};
  EXPECT_THROW(BitReader(too_long).ReadUe(), Error);
}

TEST(BitReader, NamesTheFieldThatIsTooLarge) {
  const Bytes bytes = {0b00110000};  // ue(v) = 5
  try {
    BitReader(bytes).ReadUeUpTo(4, "chroma_format_idc");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kExec);
    EXPECT_STREQ(error.what(), "chroma_format_idc is 5, more than 4");
  }
}

TEST(BitReader, FindsTheStopBit) {
  const Bytes bytes = {0b10100000, 0b01100000, 0, 0};
  BitReader reader(bytes);
  EXPECT_EQ(reader.StopBitPosition(), 10u);
  reader.SkipBits(9);
  EXPECT_TRUE(reader.HasMoreRbspData());
  reader.SkipBits(1);
  EXPECT_FALSE(reader.HasMoreRbspData());
}

TEST(BitWriter, EndsWithAOneAndZeros) {
  BitWriter writer;
  writer.WriteBits(0b101, 3);
  writer.WriteTrailingBits();
  EXPECT_EQ(writer.bytes(), Bytes{0b10110000});
  EXPECT_EQ(writer.position(), 8u);
  writer.WriteTrailingBits();
  EXPECT_EQ(writer.bytes(), (Bytes{0b10110000, 0x80}));
}

TEST(BitWriter, CopiesBitsAcrossByteBoundaries) {
  std::mt19937 random(2);
  Bytes source(40);
  for (std::uint8_t& byte : source) byte = static_cast<std::uint8_t>(random());
  for (std::size_t skip = 0; skip < 9; ++skip) {
    BitReader reader(source);
    BitWriter writer;
    reader.SkipBits(skip);
    writer.WriteBits(1, 3);
    writer.CopyBits(reader, 271);
    BitReader expected(source);
    BitReader copied(writer.bytes());
    expected.SkipBits(skip);
    copied.SkipBits(3);
    for (int i = 0; i < 271; ++i) ASSERT_EQ(copied.ReadFlag(), expected.ReadFlag()) << i;
    EXPECT_THROW(writer.CopyBits(reader, 320), Error);
  }
}

TEST(UeLength, MatchesTheCodesItWrites) {
  for (const std::uint32_t value :
       {0u, 1u, 2u, 3u, 6u, 7u, 14u, 15u, 30u, 31u, 254u, 255u, 65534u, UINT32_MAX - 1}) {
    BitWriter writer;
    writer.WriteUe(value);
    EXPECT_EQ(writer.position(), static_cast<std::size_t>(UeLength(value))) << value;
  }
}

}  // namespace
}  // namespace opencut
