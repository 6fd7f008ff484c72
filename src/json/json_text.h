// Writing JSON text for JavaScript.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "timeline/rational.h"

namespace opencut {

// Keeps fields in the order they are set.
using JsonObject = nlohmann::ordered_json;

// Bytes that are not UTF-8, as tags and paths may hold them, become U+FFFD; numbers that are not
// finite become null.
std::string Text(const JsonObject& object);

// `[numerator, denominator]`.
JsonObject RationalJson(const Rational& value);

// Absent where there is nothing to say.
void SetUnlessEmpty(JsonObject& object, const char* key, const std::string& value);
template <typename T>
void SetIfKnown(JsonObject& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

}  // namespace opencut
