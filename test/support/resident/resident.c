// Preloaded into ffmpeg or ffprobe: loads it once, and forks a process for each command. Loading it
// takes longer than most of what the tests ask of it.
//
//   RESIDENT_SOCKET=/path   where it listens; without it the program runs as it is
//   RESIDENT_PARENT=123     its parent, with which it ends
//
// Says "listening" on stdout once it does.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "request.h"

typedef int (*MainFunction)(int, char**, char**);
typedef void (*Hook)(void);
typedef int (*StartFunction)(MainFunction, int, char**, Hook, Hook, Hook, void*);

// A command that is being carried out.
struct Run {
  int connection;
  int pidfd;
  pid_t pid;
};

struct Command {
  int argc;
  char** argv;
};

static MainFunction program_main;

static void Fail(const char* what) {
  fprintf(stderr, "resident: %s: %s\n", what, strerror(errno));
  _exit(127);
}

static void EndWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // It was gone before that.
}

static void* Allocate(size_t size) {
  void* memory = calloc(1, size);
  if (memory == NULL) Fail("memory");
  return memory;
}

static void ReadFully(int connection, char* to, size_t size) {
  while (size > 0) {
    const ssize_t count = recv(connection, to, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) _exit(127);  // The client was killed.
    if (count < 0) Fail("read a request");
    to += count;
    size -= (size_t)count;
  }
}

static void ReadHeader(int connection, struct RequestHeader* header, int* received) {
  int count;
  const ssize_t size = ReceiveDescriptors(connection, header, sizeof(*header), received, &count);
  if (size == 0) _exit(127);  // The client was killed.
  if (size < 0) Fail("read a request");
  ReadFully(connection, (char*)header + size, sizeof(*header) - (size_t)size);
  if (count != header->descriptor_count + 1) Fail("descriptors are missing");
}

static char** SplitTexts(char** at, size_t count) {
  char** texts = Allocate((count + 1) * sizeof(char*));
  for (size_t i = 0; i < count; ++i) {
    texts[i] = *at;
    *at += strlen(*at) + 1;
  }
  return texts;
}

// Leaves the client's descriptors open, under the client's numbers, and nothing else.
static void TakeDescriptors(const struct RequestHeader* header, const int* received) {
  int above = 0;
  for (int i = 0; i < header->descriptor_count; ++i) {
    if (header->numbers[i] >= above) above = header->numbers[i] + 1;
  }
  int moved[kMostDescriptors];
  for (int i = 0; i < header->descriptor_count; ++i) {
    moved[i] = fcntl(received[i], F_DUPFD, above);
    if (moved[i] < 0) Fail("duplicate a descriptor");
  }
  if (above > 0) close_range(0, (unsigned)above - 1, 0);
  for (int i = 0; i < header->descriptor_count; ++i) dup2(moved[i], header->numbers[i]);
  close_range((unsigned)above, ~0U, 0);
}

// In the worker: becomes what the client would have become by exec().
static struct Command BecomeWorker(int connection, pid_t server) {
  EndWithParent(server);
  struct RequestHeader header;
  int received[kMostDescriptors + 1];
  ReadHeader(connection, &header, received);
  char* text = Allocate(header.text_size + 1);
  ReadFully(connection, text, header.text_size);
  if (fchdir(received[0]) != 0) Fail("change the directory");
  umask(header.umask);
  const struct Command command = {(int)header.argument_count,
                                  SplitTexts(&text, header.argument_count)};
  environ = SplitTexts(&text, header.variable_count);
  TakeDescriptors(&header, received + 1);
  return command;
}

static void Watch(int epoll, int fd, unsigned events, void* of) {
  struct epoll_event event = {.events = events, .data.ptr = of};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) Fail("watch a descriptor");
}

// Whether this is the worker; then `command` is what it is to do.
static int StartRun(int epoll, int listener, struct Command* command) {
  const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (connection < 0) return 0;
  const pid_t server = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    *command = BecomeWorker(connection, server);
    return 1;
  }
  const int pidfd = pid < 0 ? -1 : pidfd_open(pid, 0);
  if (pidfd < 0) {
    // The client does without.
    if (pid > 0) kill(pid, SIGKILL);
    if (pid > 0) waitpid(pid, NULL, 0);
    close(connection);
    return 0;
  }
  struct Run* run = Allocate(sizeof(*run));
  *run = (struct Run){connection, pidfd, pid};
  // The client passes signals on by it. Where the client is gone, epoll says so.
  SendDescriptors(connection, &(char){0}, 1, &pidfd, 1);
  // Once: a client that is gone is still gone until its worker is.
  Watch(epoll, connection, EPOLLRDHUP | EPOLLONESHOT, run);
  Watch(epoll, pidfd, EPOLLIN, run);
  return 0;
}

static void EndRun(int epoll, struct Run* run) {
  int status = 0;
  waitpid(run->pid, &status, 0);
  send(run->connection, &status, sizeof(status), MSG_NOSIGNAL);
  // Closing is not enough: the client has the one too, younger workers have both.
  epoll_ctl(epoll, EPOLL_CTL_DEL, run->connection, NULL);
  epoll_ctl(epoll, EPOLL_CTL_DEL, run->pidfd, NULL);
  close(run->connection);
  close(run->pidfd);
  free(run);
}

// Returns in the worker only.
static struct Command Serve(int listener) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) Fail("epoll");
  Watch(epoll, listener, EPOLLIN, NULL);
  for (;;) {
    // One at a time: the one before may have ended the run that the next is of.
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    struct Run* run = event.data.ptr;
    struct Command command;
    if (run == NULL) {
      if (StartRun(epoll, listener, &command)) return command;
    } else if ((event.events & EPOLLIN) != 0) {
      EndRun(epoll, run);
    } else {
      pidfd_send_signal(run->pidfd, SIGKILL, NULL, 0);
    }
  }
}

static int Listen(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const size_t room = sizeof(address.sun_path);
  if ((size_t)snprintf(address.sun_path, room, "%s", path) >= room) {
    errno = ENAMETOOLONG;
    Fail(path);
  }
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) Fail("socket");
  if (bind(listener, (struct sockaddr*)&address, sizeof(address)) != 0) Fail(path);
  if (listen(listener, SOMAXCONN) != 0) Fail(path);
  return listener;
}

// A forked process has none but the thread that forked.
static void RequireOneThread(void) {
  struct stat tasks;
  if (stat("/proc/self/task", &tasks) != 0) Fail("/proc/self/task");
  // "." and ".." and a folder for each.
  if (tasks.st_nlink == 2 + 1) return;
  fprintf(stderr, "resident: a library starts threads as it is loaded\n");
  _exit(127);
}

static int ResidentMain(int argc, char** argv, char** variables) {
  const char* path = getenv("RESIDENT_SOCKET");
  const char* parent = getenv("RESIDENT_PARENT");
  if (path == NULL || parent == NULL) return program_main(argc, argv, variables);
  EndWithParent(atoi(parent));
  RequireOneThread();
  const int listener = Listen(path);
  dprintf(STDOUT_FILENO, "listening\n");
  const struct Command command = Serve(listener);
  return program_main(command.argc, command.argv, environ);
}

int __libc_start_main(MainFunction main_function, int argc, char** argv, Hook init, Hook fini,
                      Hook rtld_fini, void* stack_end) {
  const StartFunction start = (StartFunction)dlsym(RTLD_NEXT, "__libc_start_main");
  program_main = main_function;
  return start(ResidentMain, argc, argv, init, fini, rtld_fini, stack_end);
}
