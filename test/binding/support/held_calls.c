// Preloaded into a process, stops it at a chosen place: the nth call of a function on a file whose
// path holds a text waits there, or fails.
//
//   HELD_CALL="fsync .part 1"  function (open, pread, pwrite, fsync, rename), text, nth call from 1
//   HELD_GATE=/path            made when the call is reached; the call goes on once it is removed
//   HELD_ERRNO=28              instead of waiting: that call and all later ones fail
//   HELD_SIGNAL=11             instead of waiting: that call raises the signal
//   HELD_EATING=1              instead of waiting: that call takes memory for as long as there is
//   any
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int WaitAtGate(void) {
  const char* gate = getenv("HELD_GATE");
  if (gate == NULL) return 0;
  close(open(gate, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
  while (access(gate, F_OK) == 0) usleep(500);
  return 0;
}

static void EatMemory(void) {
  enum { kPiece = 1 << 24 };
  for (;;) {
    char* piece = malloc(kPiece);
    if (piece == NULL) return;
    memset(piece, 1, kPiece);
  }
}

// Not 0: the call is to fail, errno is set.
static int Hold(const char* function, const char* path) {
  static atomic_int seen;
  char wanted[16];
  char text[256];
  int nth = 0;
  const char* held = getenv("HELD_CALL");
  if (held == NULL || sscanf(held, "%15s %255s %d", wanted, text, &nth) != 3) return 0;
  if (strcmp(function, wanted) != 0 || strstr(path, text) == NULL) return 0;
  const int call = atomic_fetch_add(&seen, 1) + 1;
  const char* error = getenv("HELD_ERRNO");
  if (error != NULL && call >= nth) {
    errno = atoi(error);
    return -1;
  }
  if (call != nth) return 0;
  const char* signal_number = getenv("HELD_SIGNAL");
  if (signal_number != NULL) raise(atoi(signal_number));
  if (getenv("HELD_EATING") != NULL) EatMemory();
  return WaitAtGate();
}

// Of what a descriptor has open; false where that has no path.
static int PathOf(int fd, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return 1;
}

static int HoldDescriptor(const char* function, int fd) {
  char path[4096];
  return PathOf(fd, path, sizeof(path)) ? Hold(function, path) : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  return HoldDescriptor("pread", fd) != 0 ? -1 : NEXT(pread)(fd, buffer, size, offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
  return HoldDescriptor("pwrite", fd) != 0 ? -1 : NEXT(pwrite)(fd, buffer, size, offset);
}

int fsync(int fd) { return HoldDescriptor("fsync", fd) != 0 ? -1 : NEXT(fsync)(fd); }

int rename(const char* from, const char* to) {
  return Hold("rename", from) != 0 ? -1 : NEXT(rename)(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  char folder[4096];
  char path[8192];
  if (PathOf(from_folder, folder, sizeof(folder))) {
    snprintf(path, sizeof(path), "%s/%s", folder, from);
    if (Hold("rename", path) != 0) return -1;
  }
  return NEXT(renameat)(from_folder, from, to_folder, to);
}

static mode_t ModeOf(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

// The addon is compiled to call either.
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Hold("open", path) != 0 ? -1 : NEXT(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Hold("open", path) != 0 ? -1 : NEXT(open64)(path, flags, mode);
}
