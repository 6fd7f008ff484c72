#include "pipelines/chunk_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/error.h"

namespace opencut {
namespace {

constexpr std::size_t kChunks = 40;
constexpr std::int64_t kPacketsPerChunk = 25;

Packet Numbered(std::int64_t pts) {
  Packet packet = Packet::WithSize(64);
  packet.SetPts(pts);
  return packet;
}

TEST(ChunkPool, GivesThePacketsOfAllChunksInOrderWhateverOrderTheyAreMadeIn) {
  CancellationSource outer;
  std::vector<std::int64_t> given;
  {
    Runner runner(outer.token(), nullptr);
    ChunkPool pool(
        kChunks, 4,
        [](std::size_t index, const ChunkPool::Emit& emit) {
          for (std::int64_t i = 0; i < kPacketsPerChunk; ++i) {
            emit(Numbered(static_cast<std::int64_t>(index) * kPacketsPerChunk + i));
          }
        },
        runner);
    for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
      while (const std::optional<Packet> packet = pool.Next(chunk)) {
        given.push_back(packet->pts().value());
      }
    }
    runner.Join();
  }
  ASSERT_EQ(given.size(), kChunks * kPacketsPerChunk);
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i], static_cast<std::int64_t>(i));
  }
}

TEST(ChunkPool, BeginsOnlyAFewChunksAheadOfTheOneThatIsTaken) {
  CancellationSource outer;
  std::atomic<std::size_t> begun{0};
  Runner runner(outer.token(), nullptr);
  constexpr int kWorkers = 2;
  ChunkPool pool(
      kChunks, kWorkers,
      [&](std::size_t, const ChunkPool::Emit& emit) {
        ++begun;
        emit(Numbered(0));
      },
      runner);
  for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
    while (pool.Next(chunk)) {
    }
    EXPECT_LE(begun, chunk + 2 * kWorkers + 2);
  }
  runner.Join();
  EXPECT_EQ(begun, kChunks);
}

TEST(ChunkPool, EndsWithTheFailureOfAChunk) {
  CancellationSource outer;
  Runner runner(outer.token(), nullptr);
  ChunkPool pool(
      kChunks, 3,
      [](std::size_t index, const ChunkPool::Emit&) {
        if (index == 3) throw Error(ErrorCode::kExec, "chunk 3");
      },
      runner);
  runner.RunHere([&] {
    for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
      while (pool.Next(chunk)) {
      }
    }
  });
  EXPECT_THROW(runner.Join(), Error);
}

}  // namespace
}  // namespace opencut
