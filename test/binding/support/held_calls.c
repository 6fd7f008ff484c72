// Preloaded into a process, stops it at a chosen place: the nth call of a function on a file whose
// path holds a text waits there, or fails.
//
//   HELD_CALL="fsync .part 1"  function (pread, pwrite, fsync, rename), text, which call, from 1
//   HELD_GATE=/path            made when the call is reached; the call goes on once it is removed
//   HELD_ERRNO=28              instead of waiting: that call and all later ones fail
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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
  return call == nth ? WaitAtGate() : 0;
}

static int HoldDescriptor(const char* function, int fd) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof(path) - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return Hold(function, path);
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
