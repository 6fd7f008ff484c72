// Makes the samples of one parameter-set family fit into an output with merged parameter sets:
// 4-byte lengths, the family's new ids, no parameter sets in band.
#pragma once

#include <optional>

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"
#include "bitstream/parameter_set_ids.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

struct SampleRewriterOptions {
  NalFraming framing{};  // Of the samples that come in.
  // Beside the parameter sets, which never stay.
  bool drop_access_unit_delimiters = false;
  bool drop_encoder_options = false;  // SEI that hold only the options text of x264 or x265.
  bool drop_dolby_vision = false;
};

// Not changed by use: several threads may share one.
class SampleRewriter {
 public:
  // `family`: the sets under their old ids. REQUIRES: `mapping` comes from IdAllocation::Add().
  SampleRewriter(ParameterSets family, IdMapping mapping, const SampleRewriterOptions& options);

  // The sample as it goes out. Nothing: it may go out as it is, as it nearly always may where the
  // ids did not change; finding that out looks at one or two bytes per NAL unit.
  //
  // Layers and views other than the base are dropped, since the merged record does not describe
  // them. Under a new SPS id so are the SEI messages that name the old one or are read by means of
  // it: buffering periods, and in HEVC active parameter sets and picture and decoding unit timing.
  // The delays in them hold for the source's own buffer only, and the slices name their sets.
  //
  // Throws Error(kExec) for a malformed sample, a slice with an unknown pps_id, and a parameter set
  // in band that is not one of the family's.
  std::optional<Bytes> Rewrite(ByteView sample) const;

 private:
  enum class Action { kKeep, kDrop, kRemapSlice, kFilterSei };

  Action ActionFor(ByteView nal) const;
  void Append(ByteView nal, Action action, Bytes& out) const;
  void AppendSlice(ByteView nal, Bytes& out) const;
  void AppendSei(ByteView nal, Bytes& out) const;

  ParameterSets family_;
  IdMapping mapping_;
  SampleRewriterOptions options_;
  bool remaps_slices_;
  bool remaps_sps_;
};

}  // namespace opencut
