#include "bitstream/sample_rewriter.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "bitstream/sei.h"
#include "bitstream/slice_remap.h"

namespace opencut {

namespace {

// Messages that name an SPS, and those of HEVC that FFmpeg 5.1 reads by means of the
// SPS named last, so that they would be taken for something else.
bool DependsOnSpsId(NalCodec codec, const SeiMessage& message) {
  if (codec == NalCodec::kH264) return message.type == kSeiBufferingPeriod;
  return message.type == kSeiBufferingPeriod || message.type == kSeiPictureTiming ||
         message.type == kSeiActiveParameterSets || message.type == kSeiDecodingUnit;
}

}  // namespace

SampleRewriter::SampleRewriter(ParameterSets family, IdMapping mapping,
                               const SampleRewriterOptions& options)
    : family_(std::move(family)),
      mapping_(std::move(mapping)),
      options_(options),
      remaps_slices_(!IsIdentity(mapping_.pps)),
      remaps_sps_(!IsIdentity(mapping_.sps) || !IsIdentity(mapping_.vps)) {}

std::optional<Bytes> SampleRewriter::Rewrite(ByteView sample) const {
  std::vector<std::pair<ByteView, Action>> steps;
  bool changes = options_.framing != NalFraming();
  NalUnitReader reader(sample, options_.framing);
  while (const std::optional<ByteView> nal = reader.Next()) {
    const Action action = ActionFor(*nal);
    changes = changes || action != Action::kKeep;
    steps.emplace_back(*nal, action);
  }
  if (!changes) return std::nullopt;

  Bytes out;
  // A NAL unit grows by at most its length and an id one byte longer, escaped.
  out.reserve(sample.size() + 8 * steps.size());
  for (const auto& [nal, action] : steps) Append(nal, action, out);
  return out;
}

SampleRewriter::Action SampleRewriter::ActionFor(ByteView nal) const {
  const NalCodec codec = family_.codec;
  if (IsBeyondBaseLayer(codec, nal)) return Action::kDrop;
  if (IsSlice(codec, nal)) return remaps_slices_ ? Action::kRemapSlice : Action::kKeep;
  if (IsParameterSet(codec, nal)) {
    // One that is added nothing uses, or the slices that do are refused.
    if (RelationTo(family_, nal) == SetRelation::kReplaces) {
      throw Error(ErrorCode::kPlanUnsupported,
                  "a parameter set within the stream differs from its header, and nothing at the "
                  "sync samples says so",
                  {}, "use mode \"reencode\", or write the source anew with another tool");
    }
    return Action::kDrop;
  }
  const NalFilter filter{.access_unit_delimiters = options_.drop_access_unit_delimiters,
                         .encoder_options = options_.drop_encoder_options,
                         .dolby_vision = options_.drop_dolby_vision};
  if (IsFiltered(codec, filter, nal)) return Action::kDrop;
  return remaps_sps_ && IsSei(codec, nal) ? Action::kFilterSei : Action::kKeep;
}

void SampleRewriter::Append(ByteView nal, Action action, Bytes& out) const {
  switch (action) {
    case Action::kDrop:
      return;
    case Action::kKeep:
      return AppendLengthPrefixed(nal, out);
    case Action::kRemapSlice:
      return AppendSlice(nal, out);
    case Action::kFilterSei:
      return AppendSei(nal, out);
  }
}

void SampleRewriter::AppendSlice(ByteView nal, Bytes& out) const {
  const std::size_t begin = BeginLengthPrefixed(out);
  AppendRemappedSlice(family_.codec, nal, mapping_, out);
  EndLengthPrefixed(begin, out);
}

void SampleRewriter::AppendSei(ByteView nal, Bytes& out) const {
  std::vector<SeiMessage> messages = ParseSei(family_.codec, nal);
  const auto depends_on_sps_id = [this](const SeiMessage& message) {
    return DependsOnSpsId(family_.codec, message);
  };
  if (std::erase_if(messages, depends_on_sps_id) == 0) return AppendLengthPrefixed(nal, out);
  if (!messages.empty()) AppendLengthPrefixed(WriteSei(family_.codec, nal, messages), out);
}

}  // namespace opencut
