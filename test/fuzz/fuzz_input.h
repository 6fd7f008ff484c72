// Takes a fuzzer's input apart.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

namespace opencut {

class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  // The next byte; 0 behind the end.
  std::uint8_t Byte() {
    const std::span<const std::uint8_t> byte = Take(1);
    return byte.empty() ? std::uint8_t{0} : byte[0];
  }
  // The next bytes, as many as the two before them say, or as there are.
  std::span<const std::uint8_t> Block() {
    const std::size_t size = static_cast<std::size_t>(Byte()) << 8;
    return Take(size | Byte());
  }
  std::span<const std::uint8_t> Rest() { return Take(rest_.size()); }
  bool empty() const { return rest_.empty(); }

 private:
  std::span<const std::uint8_t> Take(std::size_t size) {
    const std::span<const std::uint8_t> taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::span<const std::uint8_t> rest_;
};

// What must hold whatever the input is.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace opencut
