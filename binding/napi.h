// The only place that includes N-API; its defines are set in CMakeLists.txt.
#pragma once

#include <napi.h>
