#include "pipelines/parent_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace opencut {
namespace {

#ifdef __linux__

// How a child ends that calls EndWithParent(parent) and then exits by itself.
int EndOfChild(pid_t parent) {
  const pid_t child = fork();
  if (child == 0) {
    EndWithParent(parent);
    _exit(7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(EndWithParent, LeavesAProcessAloneWhoseParentLives) {
  const int status = EndOfChild(getpid());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(EndWithParent, KillsAProcessWhoseParentIsGoneAlready) {
  const int status = EndOfChild(getppid());
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(EndWithParent, KillsItWhenTheParentIsKilled) {
  std::array<int, 2> alive{};  // A pipe that its end closes.
  ASSERT_EQ(pipe(alive.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t self = getpid();
    if (fork() == 0) {
      close(alive[0]);
      EndWithParent(self);
      [[maybe_unused]] const ssize_t written = write(alive[1], "x", 1);
      while (true) pause();
    }
    while (true) pause();
  }
  close(alive[1]);
  char byte = 0;
  ASSERT_EQ(read(alive[0], &byte, 1), 1);
  kill(parent, SIGKILL);
  EXPECT_EQ(read(alive[0], &byte, 1), 0);
  close(alive[0]);
  waitpid(parent, nullptr, 0);
}

#endif

}  // namespace
}  // namespace opencut
