#include "json/json_field.h"

#include <cmath>

#include "base/error.h"

namespace opencut {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;
constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxShownBytes = 60;

// Cut at a character's boundary.
std::string Shortened(std::string text) {
  if (text.size() <= kMaxShownBytes) return text;
  std::size_t end = kMaxShownBytes;
  const auto continues = [&] { return (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; };
  while (end > 0 && continues()) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

json ParseJson(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    throw Error(ErrorCode::kBadArgs, "the request is longer than 64 MiB");
  }
  const auto limit_depth = [](int depth, json::parse_event_t, json&) {
    if (depth > kMaxDepth) {
      throw Error(ErrorCode::kBadArgs, "the request is nested more than 100 deep");
    }
    return true;
  };
  try {
    return json::parse(text, limit_depth);
  } catch (const json::exception& failure) {
    throw Error(ErrorCode::kBadArgs, std::string("the request is not JSON: ") + failure.what());
  }
}

JsonField JsonField::AsRoot() const {
  if (value_ == nullptr || !value_->is_object()) Refuse("an object");
  return {value_, ""};
}

JsonField JsonField::operator[](const char* key) const {
  if (value_ == nullptr || !value_->is_object()) Refuse("an object");
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, place_.empty() ? key : place_ + "." + key};
}

std::vector<JsonField> JsonField::Items() const {
  if (value_ == nullptr || !value_->is_array()) Refuse("an array");
  std::vector<JsonField> items;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    items.emplace_back(&(*value_)[i], place_ + "[" + std::to_string(i) + "]");
  }
  return items;
}

std::string JsonField::String() const {
  if (value_ == nullptr || !value_->is_string()) Refuse("a string");
  return value_->get<std::string>();
}

bool JsonField::Boolean() const {
  if (value_ == nullptr || !value_->is_boolean()) Refuse("true or false");
  return value_->get<bool>();
}

double JsonField::NonNegative() const {
  return Number("a number, 0 or more", [](double value) { return value >= 0; });
}

double JsonField::Positive() const {
  return Number("a number above 0", [](double value) { return value > 0; });
}

double JsonField::WholeNonNegative() const {
  return Number("a whole number, 0 or more",
                [](double value) { return value >= 0 && std::floor(value) == value; });
}

double JsonField::WholePositive() const {
  return Number("a whole number above 0",
                [](double value) { return value > 0 && std::floor(value) == value; });
}

double JsonField::Number(const char* expected, bool (*fits)(double)) const {
  if (value_ == nullptr || !value_->is_number()) Refuse(expected);
  const double value = value_->get<double>();
  if (!std::isfinite(value) || !fits(value)) Refuse(expected);
  return value;
}

std::string JsonField::Shown() const {
  if (value_->is_object()) return "an object";
  if (value_->is_array()) return "an array";
  return Shortened(value_->dump());
}

void JsonField::Refuse(const std::string& expected) const {
  const std::string found = present() ? "got " + Shown() : "but it is missing";
  ErrorContext context;
  if (!place_.empty()) context.json_path = place_;
  throw Error(ErrorCode::kBadArgs,
              context.json_path.value_or("the request") + ": expected " + expected + ", " + found,
              context);
}

}  // namespace opencut
