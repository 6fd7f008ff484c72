// What client.c asks resident.c for. A request is this header, with the descriptors beside it
// (SCM_RIGHTS), then the text. The answer is first the worker, as a pidfd beside one byte, then its
// wait status, an int.
//
// A worker has all that a program started by exec would have of its parent, but for resource
// limits, priority, affinity, process group and ignored signals, which are the server's.
#pragma once

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

// The kernel's SCM_MAX_FD less one, for the working directory.
enum { kMostDescriptors = 252 };

struct RequestHeader {
  size_t argument_count;
  size_t variable_count;
  size_t text_size;  // Of arguments, then variables, each with its NUL.
  mode_t umask;
  int descriptor_count;
  // In the client, in the order in which they are sent, the working directory ahead of them.
  int numbers[kMostDescriptors];
};

// Room for a control message with as many descriptors as may be sent, aligned as it must be.
union DescriptorSpace {
  char bytes[CMSG_SPACE((kMostDescriptors + 1) * sizeof(int))];
  size_t alignment;
};

// Sends bytes, and descriptors beside the first of them. Returns as sendmsg().
static ssize_t SendDescriptors(int connection, void* bytes, size_t size, const int* descriptors,
                               int count) {
  union DescriptorSpace space = {{0}};
  struct iovec part = {bytes, size};
  const size_t taken = (size_t)count * sizeof(int);
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = space.bytes,
                           .msg_controllen = CMSG_SPACE(taken)};
  struct cmsghdr* control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(taken);
  memcpy(CMSG_DATA(control), descriptors, taken);
  return sendmsg(connection, &message, MSG_NOSIGNAL);
}

// Returns as recvmsg(); how many descriptors came with it is in `count`.
static ssize_t ReceiveDescriptors(int connection, void* bytes, size_t size, int* descriptors,
                                  int* count) {
  union DescriptorSpace space;
  struct iovec part = {bytes, size};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = space.bytes,
                           .msg_controllen = sizeof(space.bytes)};
  const ssize_t received = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  *count = 0;
  if (received <= 0) return received;
  const struct cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == NULL) return received;
  const size_t taken = control->cmsg_len - CMSG_LEN(0);
  memcpy(descriptors, CMSG_DATA(control), taken);
  *count = (int)(taken / sizeof(int));
  return received;
}
