// Stands in for ffmpeg or ffprobe, whichever PROGRAM is the path of: has resident.c carry the
// command out, and ends as that ended. Where it cannot, it becomes the program itself.
//
//   OPENCUT_RESIDENT=/path   folder of the sockets, named as the programs
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "request.h"

static sigset_t forwarded;

static void BecomeProgram(char** argv) {
  sigprocmask(SIG_UNBLOCK, &forwarded, NULL);
  execv(PROGRAM, argv);
  fprintf(stderr, "%s cannot be run: %s\n", PROGRAM, strerror(errno));
  _exit(127);
}

// False where there are more than fit.
static int ListDescriptors(struct RequestHeader* header) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == NULL) return 0;
  header->descriptor_count = 0;
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) {
    const int number = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || number == dirfd(folder)) continue;
    if (header->descriptor_count == kMostDescriptors) return 0;
    header->numbers[header->descriptor_count++] = number;
  }
  closedir(folder);
  return 1;
}

static size_t TextSize(char** texts, size_t* count) {
  size_t size = 0;
  for (*count = 0; texts[*count] != NULL; ++*count) size += strlen(texts[*count]) + 1;
  return size;
}

static char* Append(char* to, char** texts) {
  for (; *texts != NULL; ++texts) to = stpcpy(to, *texts) + 1;
  return to;
}

static int Connect(void) {
  const char* folder = getenv("OPENCUT_RESIDENT");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (folder == NULL) return -1;
  snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder, basename(PROGRAM));
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, (struct sockaddr*)&address, sizeof(address)) == 0) return connection;
  close(connection);
  return -1;
}

static int SendHeader(int connection, struct RequestHeader* header) {
  int sent[kMostDescriptors + 1];
  sent[0] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  memcpy(sent + 1, header->numbers, sizeof(header->numbers));
  const int count = header->descriptor_count + 1;
  const ssize_t size = SendDescriptors(connection, header, sizeof(*header), sent, count);
  close(sent[0]);
  return size == (ssize_t)sizeof(*header);
}

static int SendText(int connection, const struct RequestHeader* header, char** argv) {
  char* text = malloc(header->text_size);
  if (text == NULL) return 0;
  Append(Append(text, argv), environ);
  size_t at = 0;
  while (at < header->text_size) {
    const ssize_t sent = send(connection, text + at, header->text_size - at, MSG_NOSIGNAL);
    if (sent < 0) return 0;
    at += (size_t)sent;
  }
  return 1;
}

// Returns the worker's pidfd, or -1.
static int ReceiveWorker(int connection) {
  char byte;
  int worker[kMostDescriptors + 1];
  int count;
  ReceiveDescriptors(connection, &byte, 1, worker, &count);
  return count == 1 ? worker[0] : -1;
}

// Returns the worker's wait status.
static int AwaitEnd(int connection, int worker) {
  const int signals = signalfd(-1, &forwarded, SFD_CLOEXEC);
  struct pollfd watched[] = {{connection, POLLIN, 0}, {signals, POLLIN, 0}};
  for (;;) {
    poll(watched, 2, -1);
    struct signalfd_siginfo got;
    if (watched[1].revents != 0 && read(signals, &got, sizeof(got)) == sizeof(got)) {
      pidfd_send_signal(worker, (int)got.ssi_signo, NULL, 0);
    }
    int status;
    if (watched[0].revents == 0) continue;
    // The worker ends with its server.
    return recv(connection, &status, sizeof(status), 0) == sizeof(status) ? status : SIGKILL;
  }
}

static void EndAs(int status) {
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  // The worker has left what core there is to be.
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  signal(WTERMSIG(status), SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &forwarded, NULL);
  raise(WTERMSIG(status));
  _exit(128 + WTERMSIG(status));
}

int main(int argc, char** argv) {
  (void)argc;
  for (const int* one = (const int[]){SIGHUP, SIGINT, SIGTERM, SIGQUIT, 0}; *one != 0; ++one) {
    sigaddset(&forwarded, *one);
  }
  sigprocmask(SIG_BLOCK, &forwarded, NULL);
  struct RequestHeader header = {0};
  header.umask = umask(0);
  umask(header.umask);
  header.text_size = TextSize(argv, &header.argument_count);
  header.text_size += TextSize(environ, &header.variable_count);
  const int connection = ListDescriptors(&header) ? Connect() : -1;
  if (connection < 0 || !SendHeader(connection, &header)) BecomeProgram(argv);
  if (!SendText(connection, &header, argv)) BecomeProgram(argv);
  const int worker = ReceiveWorker(connection);
  if (worker < 0) BecomeProgram(argv);
  // Who reads from the worker sees its end, and who writes to it, once no one else holds them.
  for (int i = 0; i < header.descriptor_count; ++i) close(header.numbers[i]);
  EndAs(AwaitEnd(connection, worker));
}
