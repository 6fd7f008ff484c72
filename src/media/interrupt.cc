#include "media/interrupt.h"

namespace opencut {

namespace {

int IsCancelled(void* opaque) noexcept {
  return static_cast<const CancellationToken*>(opaque)->IsCancelled() ? 1 : 0;
}

}  // namespace

AVIOInterruptCB InterruptOf(const CancellationToken& token) {
  return {&IsCancelled, const_cast<CancellationToken*>(&token)};
}

}  // namespace opencut
