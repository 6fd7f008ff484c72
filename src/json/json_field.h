// Reading a JSON text by what is expected in it, with refusals that name the place.
#pragma once

#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace opencut {

// Parses text that may be hostile: at most 64 MiB, values nested at most 100 deep.
// Throws Error(kBadArgs).
nlohmann::json ParseJson(std::string_view text);

// A value, or its absence, together with its place: "segments[2].endTime". The value must outlive
// it. Every reader throws Error(kBadArgs) that names place, value and expectation; `null` is a
// value, and so is refused where something else is expected. Numbers are JavaScript's: doubles,
// whole when they have no fraction, however they are written.
class JsonField {
 public:
  // `value` null: absent.
  JsonField(const nlohmann::json* value, std::string place)
      : value_(value), place_(std::move(place)) {}

  bool present() const { return value_ != nullptr; }
  const std::string& place() const { return place_; }

  // The same value as the one that places count from: its fields are named without it.
  // Throws when it is not an object.
  JsonField AsRoot() const;

  // A field of an object. Other fields are not looked at.
  JsonField operator[](const char* key) const;
  // The items of an array.
  std::vector<JsonField> Items() const;

  std::string String() const;
  bool Boolean() const;
  double NonNegative() const;
  double Positive() const;
  double WholeNonNegative() const;
  double WholePositive() const;

  // The value that stands beside the string here.
  template <typename T>
  T OneOf(std::initializer_list<std::pair<const char*, T>> choices) const;

  [[noreturn]] void Refuse(const std::string& expected) const;

 private:
  double Number(const char* expected, bool (*fits)(double)) const;
  // What stands here, shortened for people.
  std::string Shown() const;

  const nlohmann::json* value_;
  std::string place_;
};

// What `read` (a reader of JsonField, or a function of one) gives; nothing when the field is
// absent.
template <typename Read>
auto IfPresent(const JsonField& field, Read read)
    -> std::optional<std::invoke_result_t<Read, const JsonField&>> {
  if (!field.present()) return std::nullopt;
  return std::invoke(read, field);
}

template <typename T>
T JsonField::OneOf(std::initializer_list<std::pair<const char*, T>> choices) const {
  std::string expected = "one of";
  for (const auto& [name, value] : choices) {
    if (value_ != nullptr && *value_ == name) return value;
    expected += std::string(expected == "one of" ? " \"" : ", \"") + name + "\"";
  }
  Refuse(expected);
}

}  // namespace opencut
