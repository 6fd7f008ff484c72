// Whatever the bytes are, a parser returns or throws Error: run under the sanitizers, this is the
// proof that none reads or computes out of bounds.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "base/error.h"
#include "bitstream/aac_config.h"
#include "bitstream/access_unit.h"
#include "bitstream/avc_config.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/hevc_config.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/parameter_set_ids.h"
#include "bitstream/sample_rewriter.h"
#include "bitstream/sei.h"
#include "bitstream/slice_remap.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

Bytes Mutate(Bytes bytes, std::mt19937& random) {
  const int changes = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1u << random() % 8);
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random());
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), random() % 4, 0);
        break;
    }
  }
  return bytes;
}

// Feeds `parse` mutations of the seeds, and noise. Errors other than Error end the test.
void ExpectSurvives(const std::vector<Bytes>& seeds, const std::function<void(ByteView)>& parse) {
  std::mt19937 random(11);
  int accepted = 0;
  constexpr int kRounds = 3000;
  for (int round = 0; round < kRounds; ++round) {
    Bytes bytes = Mutate(seeds[random() % seeds.size()], random);
    if (round % 10 == 0) {
      bytes.resize(random() % 64);
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    }
    // Exactly as large as needed, so that a sanitizer sees the first byte beyond.
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    try {
      parse(exact);
      ++accepted;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(accepted, 0);
}

struct Seeds {
  ProbedStream stream;
  std::vector<Bytes> packets;
};

Seeds SeedsOf(const std::string& path) {
  Seeds seeds{.stream = Probe(path), .packets = {}};
  for (CodedPacket& packet : ReadPackets(path)) seeds.packets.push_back(std::move(packet.bytes));
  return seeds;
}

Seeds H264Seeds() {
  return SeedsOf(MakeClip("fuzz.mp4",
                          "-c:v libx264 -b:v 90k -maxrate 90k -bufsize 90k -flags +ildct+ilme "
                          "-x264-params keyint=4:nal-hrd=vbr:cqm=jvt:slices=2",
                          "64x64", 8));
}

Seeds HevcSeeds() {
  return SeedsOf(MakeClip(
      "fuzz-hevc.mp4",
      "-c:v libx265 -preset veryfast -x265-params log-level=error:keyint=4:hrd=1:vbv-maxrate="
      "90:vbv-bufsize=90:scaling-list=default:temporal-layers=1:hash=1",
      "64x64", 8));
}

std::vector<Bytes> NalsOf(const std::vector<Bytes>& packets) {
  std::vector<Bytes> nals;
  for (const Bytes& packet : packets) {
    for (const ByteView nal : SplitNalUnits(packet, NalFraming{})) {
      nals.emplace_back(nal.begin(), nal.end());
    }
  }
  return nals;
}

TEST(MalformedInput, DoesNotHurtParameterSetParsers) {
  const ParameterSets avc = H264Seeds().stream.sets();
  ExpectSurvives(avc.sps, [](ByteView nal) {
    const H264Sps sps = ParseH264Sps(nal);
    ReorderDepth(sps);
    MaxDpbFrames(sps);
    PixelFormatName(sps);
    ProfileName(sps);
  });
  ExpectSurvives(avc.pps, [](ByteView nal) { ParseH264Pps(nal); });
  const ParameterSets hevc = HevcSeeds().stream.sets();
  ExpectSurvives(hevc.vps, [](ByteView nal) { ParseHevcVps(nal); });
  ExpectSurvives(hevc.sps, [](ByteView nal) {
    const HevcSps sps = ParseHevcSps(nal);
    PixelFormatName(sps);
    ProfileName(sps);
  });
  ExpectSurvives(hevc.pps, [](ByteView nal) { ParseHevcPps(nal); });
}

TEST(MalformedInput, DoesNotHurtConfigParsers) {
  ExpectSurvives({H264Seeds().stream.extradata}, [](ByteView record) {
    WriteExtradata(ParseExtradata(NalCodec::kH264, record).sets);
  });
  ExpectSurvives({HevcSeeds().stream.extradata}, [](ByteView record) {
    WriteExtradata(ParseExtradata(NalCodec::kHevc, record).sets);
  });
  ExpectSurvives({FromHex("1210"), FromHex("138856e5a54880"), FromHex("2b920800"),
                  FromHex("1200050848002000c4400d4c61766335392e33372e31303056e500")},
                 [](ByteView config) { ParseAacConfig(config); });
}

TEST(MalformedInput, DoesNotHurtNalUnitReaders) {
  const std::vector<Bytes> packets = H264Seeds().packets;
  for (const NalFraming framing : {kAnnexB, NalFraming{1}, NalFraming{2}, NalFraming{4}}) {
    ExpectSurvives(packets, [&](ByteView sample) {
      ToLengthPrefixed(NalCodec::kH264, sample, framing,
                       {.parameter_sets = true, .encoder_options = true});
    });
  }
  for (const NalCodec codec : {NalCodec::kH264, NalCodec::kHevc}) {
    const Seeds seeds = codec == NalCodec::kH264 ? H264Seeds() : HevcSeeds();
    ExpectSurvives(NalsOf(seeds.packets), [&](ByteView nal) {
      for (const SeiMessage& message : ParseSei(codec, nal)) ParseRecoveryPoint(message);
      InsertEmulationPrevention(StripEmulationPrevention(nal));
    });
  }
}

TEST(MalformedInput, DoesNotHurtTheRewriterOrTheClassifier) {
  for (const Seeds& seeds : {H264Seeds(), HevcSeeds()}) {
    const ParameterSets sets = seeds.stream.sets();
    const IdMapping mapping{.vps = {{0, 2}}, .sps = {{0, 15}}, .pps = {{0, 22}}};
    const SampleRewriter rewriter(sets, mapping, {.drop_encoder_options = true});
    ExpectSurvives(seeds.packets, [&](ByteView sample) { rewriter.Rewrite(sample); });
    const AccessUnitClassifier classifier(sets, NalFraming{});
    ExpectSurvives(seeds.packets, [&](ByteView sample) { classifier.Classify(sample); });
    ExpectSurvives(NalsOf(seeds.packets), [&](ByteView nal) {
      if (nal.empty() || !IsSlice(sets.codec, nal)) return;
      Bytes out;
      AppendRemappedSlice(sets.codec, nal, mapping, out);
    });
  }
}

TEST(MalformedInput, DoesNotHurtIdAllocation) {
  for (const Seeds& seeds : {H264Seeds(), HevcSeeds()}) {
    const ParameterSets sets = seeds.stream.sets();
    std::vector<Bytes> all = sets.sps;
    all.insert(all.end(), sets.pps.begin(), sets.pps.end());
    all.insert(all.end(), sets.vps.begin(), sets.vps.end());
    ExpectSurvives(all, [&](ByteView nal) {
      IdAllocation ids(sets.codec);
      ids.Add(sets);
      ParameterSets family = sets;
      AddParameterSet(nal, family);
      if (const std::optional<IdMapping> mapping = ids.Add(family)) {
        RemapParameterSets(family, *mapping);
      }
    });
  }
}

}  // namespace
}  // namespace opencut
