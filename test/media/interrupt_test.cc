#include "media/interrupt.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "media/libav_ptr.h"

namespace opencut {
namespace {

using std::chrono::steady_clock;

// A server on this machine that accepts and then says nothing.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), length);
    listen(socket_, 1);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    url_ = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(socket_); }
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

TEST(Interrupt, EndsAWaitOfLibav) {
  const SilentServer server;
  CancellationSource source;
  const CancellationToken token = source.token();
  AVFormatContext* context = avformat_alloc_context();
  context->interrupt_callback = InterruptOf(token);
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    source.Cancel();
  });
  const auto start = steady_clock::now();
  const int ret = avformat_open_input(&context, server.url().c_str(), nullptr, nullptr);
  const auto waited = steady_clock::now() - start;
  canceller.join();
  EXPECT_THROW(Check(ret, "open"), Cancelled);
  EXPECT_GE(waited, std::chrono::milliseconds(100));
  EXPECT_LT(waited, std::chrono::seconds(2));
}

TEST(Interrupt, DoesNothingBeforeTheTokenIsCancelled) {
  CancellationSource source;
  const CancellationToken token = source.token();
  const AVIOInterruptCB callback = InterruptOf(token);
  EXPECT_EQ(callback.callback(callback.opaque), 0);
  source.Cancel();
  EXPECT_EQ(callback.callback(callback.opaque), 1);
}

}  // namespace
}  // namespace opencut
