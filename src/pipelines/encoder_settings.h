// How pictures and sound are encoded, where they are.
#pragma once

#include "bitstream/parameter_set_ids.h"
#include "media/encoder.h"
#include "pipelines/export_request.h"
#include "timeline/plan.h"

namespace opencut {

// For the pictures between copied ones: few, beside the source's own, so as close to it as they can
// be. Their parameter sets, numbered as `ids` has them before the change, are the same for every
// stretch, whichever field comes first.
VideoEncoderOptions BesideCopies(const Plan& plan, const ExportOptions& options,
                                 const IdMapping& ids, FieldOrder order, int threads);

// For `step`, whose source's packets would fit into the output: keeps pictures of a still scene to
// about one and a half times the size that the source spends on them.
void AllowForStillScene(VideoEncoderOptions& encoder, const VideoStep& step);

// For an output of which every picture is encoded.
VideoEncoderOptions WholeOutput(const Plan& plan, const ExportOptions& options, int threads);

AudioEncoderOptions SoundEncoding(const PlannedAudio& audio, std::int64_t bit_rate);

}  // namespace opencut
