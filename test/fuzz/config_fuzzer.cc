// The export config and its options as JavaScript hands them over: accepted, or refused by a typed
// error that names the place.
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "json/request.h"
#include "test/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ExportRequest request = ParseExportRequest(text);
    for (const Segment& segment : request.edit.segments) {
      Require(
          segment.source >= 0 && static_cast<std::size_t>(segment.source) < request.sources.size(),
          "every segment's source is there");
    }
  } catch (const Error& error) {
    Require(error.code() == ErrorCode::kBadArgs, "a config is refused as a bad argument");
    const bool is_object = nlohmann::json::parse(text, nullptr, false).is_object();
    Require(!is_object || error.context().json_path.has_value(), "the refusal names the place");
  }
  return 0;
}
