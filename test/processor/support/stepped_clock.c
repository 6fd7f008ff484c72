// Preloaded into a process, sets its wall clock on by as many seconds as the file STEPPED_CLOCK
// holds, from the moment that the file is there. The monotonic clock goes on as ever.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long StepSeconds(void) {
  const char* path = getenv("STEPPED_CLOCK");
  FILE* file = path == NULL ? NULL : fopen(path, "r");
  if (file == NULL) return 0;
  long seconds = 0;
  if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  fclose(file);
  return seconds;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = NEXT(clock_gettime)(clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += StepSeconds();
  return result;
}

int gettimeofday(struct timeval* now, void* zone) {
  const int result = NEXT(gettimeofday)(now, zone);
  now->tv_sec += StepSeconds();
  return result;
}

time_t time(time_t* now) {
  const time_t seconds = NEXT(time)(NULL) + StepSeconds();
  if (now != NULL) *now = seconds;
  return seconds;
}
