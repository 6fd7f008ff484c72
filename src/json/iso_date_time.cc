#include "json/iso_date_time.h"

#include <array>
#include <cstddef>

namespace opencut {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes text off its front, as long as it is what is asked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A number of exactly `digits` digits, from `least` to `most`.
  bool Number(std::size_t digits, int least, int most, int& value) {
    if (rest_.size() < digits) return false;
    value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!IsDigit(c)) return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return least <= value && value <= most;
  }

  bool Digits() {
    if (rest_.empty() || !IsDigit(rest_.front())) return false;
    while (!rest_.empty() && IsDigit(rest_.front())) rest_.remove_prefix(1);
    return true;
  }

  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

int DaysIn(int month, int year) {
  static constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool TakeDate(Scanner& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  return text.Number(4, 0, 9999, year) && text.Take('-') && text.Number(2, 1, 12, month) &&
         text.Take('-') && text.Number(2, 1, DaysIn(month, year), day);
}

bool TakeTime(Scanner& text) {
  int ignored = 0;
  if (!text.Number(2, 0, 23, ignored) || !text.Take(':') || !text.Number(2, 0, 59, ignored)) {
    return false;
  }
  if (!text.Take(':')) return true;
  if (!text.Number(2, 0, 59, ignored)) return false;
  return !text.Take('.') || text.Digits();
}

}  // namespace

bool IsUtcDateTime(std::string_view text) {
  Scanner scanner(text);
  return TakeDate(scanner) && scanner.Take('T') && TakeTime(scanner) && scanner.Take('Z') &&
         scanner.AtEnd();
}

}  // namespace opencut
