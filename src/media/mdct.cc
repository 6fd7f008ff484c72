#include "media/mdct.h"

namespace opencut {

Mdct::Mdct(int lines) {
  // libav's sum has no factor.
  constexpr float kScale = 2.0F;
  AVTXContext* context = nullptr;
  Check(av_tx_init(&context, &transform_, AV_TX_FLOAT_MDCT, 0, lines, &kScale, AV_TX_UNALIGNED),
        "set up a transform");
  context_.reset(context);
}

void Mdct::Forward(std::span<const float> samples, std::span<float> lines) {
  // The input is not written to, whatever the type says.
  transform_(context_.get(), lines.data(), const_cast<float*>(samples.data()), sizeof(float));
}

}  // namespace opencut
