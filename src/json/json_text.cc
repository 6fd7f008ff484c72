#include "json/json_text.h"

namespace opencut {

std::string Text(const JsonObject& object) {
  return object.dump(-1, ' ', false, JsonObject::error_handler_t::replace);
}

JsonObject RationalJson(const Rational& value) {
  return JsonObject::array({value.num(), value.den()});
}

void SetUnlessEmpty(JsonObject& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

}  // namespace opencut
