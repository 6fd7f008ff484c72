#include "media/dictionary.h"

#include "media/libav_ptr.h"

namespace opencut {

Dictionary::Dictionary(const Options& options) {
  for (const auto& [name, value] : options) Set(name, value);
}

void Dictionary::Set(const std::string& name, const std::string& value) {
  Check(av_dict_set(&entries_, name.c_str(), value.c_str(), 0), "set the option " + name);
}

void Dictionary::RequireAllTaken(std::string_view taker, ErrorCode code) const {
  std::string names;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(entries_, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    names += names.empty() ? "" : ", ";
    names += entry->key;
  }
  if (names.empty()) return;
  throw Error(code, std::string(taker) + " does not know the option " + names);
}

}  // namespace opencut
