// What libav, as loaded, can do.
#pragma once

#include <string>
#include <vector>

namespace opencut {

// Names are libav's; lists are sorted, each name once. types/capabilities.d.ts says more.
struct Capabilities {
  struct Versions {
    std::string ffmpeg;       // FFmpeg's own: "5.1.9-0+deb12u1".
    std::string libavformat;  // "59.27.100"; so are the next ones.
    std::string libavcodec;
    std::string libavfilter;
    std::string libavutil;
    std::string libswresample;
    std::string libswscale;
  };
  Versions versions;
  std::vector<std::string> encoders;
  std::vector<std::string> decoders;
  std::vector<std::string> muxers;
  std::vector<std::string> protocols;  // That sources can be read by.
  std::vector<std::string> hardware;   // Kinds of device libav was built for, there or not.
  std::string license;                 // "GPL version 2 or later".
};

// Cheap; thread-safe.
Capabilities GetCapabilities();

}  // namespace opencut
