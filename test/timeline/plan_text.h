// A plan in words, to compare plans with each other.
#pragma once

#include <ostream>
#include <string>

#include "timeline/plan.h"

namespace opencut {

std::string Text(const Rational& value);
std::string Text(const VideoStep& step);
// Everything an export does. Not the segments' indices, which say nothing of what is shown.
std::string Text(const Plan& plan);

// For GoogleTest.
void PrintTo(const Rational& value, std::ostream* out);

}  // namespace opencut
