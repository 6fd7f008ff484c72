// Options for libav by name.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "media/libav.h"

namespace opencut {

// Names and values as libav spells them.
using Options = std::vector<std::pair<std::string, std::string>>;

// libav takes the options it knows out of a dictionary and silently leaves the others: hand it
// address(), then call RequireAllTaken().
class Dictionary {
 public:
  Dictionary() = default;
  explicit Dictionary(const Options& options);
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&entries_); }

  // Replaces a value of the same name.
  void Set(const std::string& name, const std::string& value);
  AVDictionary** address() { return &entries_; }

  // Throws Error(code) that names every option still here.
  void RequireAllTaken(std::string_view taker, ErrorCode code = ErrorCode::kExec) const;

 private:
  AVDictionary* entries_ = nullptr;
};

}  // namespace opencut
