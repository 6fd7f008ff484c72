#include "media/libav_ptr.h"

namespace opencut {

std::string LibavErrorText(int ret) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(ret, text, sizeof(text));
  return text;
}

int Check(int ret, std::string_view operation, ErrorCode code) {
  if (ret >= 0) return ret;
  if (ret == AVERROR_EXIT) throw Cancelled();
  ErrorContext context;
  context.libav = LibavErrorText(ret);
  throw Error(code, std::string(operation) + ": " + *context.libav, context);
}

}  // namespace opencut
