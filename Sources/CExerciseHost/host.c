#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // dladdr
#endif
#include "CExerciseHost.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <ucontext.h>
#endif

const char *const host_signal_mark = "\x01signal";

static int limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit value = {soft, hard};
  return setrlimit(resource, &value);
}

int host_limit(size_t memory, size_t seconds, size_t file) {
  // One second between the signal that may be reported and the one that cannot be caught.
  if (limit(RLIMIT_CORE, 0, 0) || limit(RLIMIT_CPU, seconds, seconds + 1) || limit(RLIMIT_FSIZE, file, file))
    return errno;
#ifndef __APPLE__  // macOS has the limit but does not enforce it
  if (limit(RLIMIT_AS, memory, memory)) return errno;
#endif
  return 0;
}

static void *wait_for_the_other_end(void *descriptor) {
  struct pollfd end = {.fd = (int)(intptr_t)descriptor, .events = 0};
  while (!(end.revents & (POLLHUP | POLLERR | POLLNVAL))) {
    if (poll(&end, 1, -1) < 0 && errno != EINTR) return NULL;
  }
  _exit(0);
}

int host_end_with(int descriptor) {
  // Signals are for the thread that computes: it is the one whose places are reported.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t small;
  pthread_t thread;
  pthread_attr_init(&small);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&small, 1 << 20);
  int problem = pthread_create(&thread, &small, wait_for_the_other_end, (void *)(intptr_t)descriptor);
  pthread_attr_destroy(&small);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return problem;
}

// What follows runs inside a signal handler: only write, and arithmetic on memory set aside before.

enum { most_places = 48 };
static uintptr_t base_address;
static char line[most_places * 18 + 64];

static char *append_hex(char *end, uintptr_t number) {
  char digits[2 * sizeof number];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number & 15];
    number >>= 4;
  } while (number);
  while (count) *end++ = digits[--count];
  return end;
}

/// The place of the instruction that was stopped; 0 where that is not known.
static uintptr_t stopped_place(const void *context) {
#if defined(__linux__) && defined(__x86_64__)
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__linux__) && defined(__aarch64__)
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.pc;
#else
  (void)context;
  return 0;
#endif
}

static void report(int number, siginfo_t *information, void *context) {
  uintptr_t stopped = stopped_place(context);
  void *places[most_places];
  int count = backtrace(places, most_places);
  char *end = line;
  *end++ = '\n';
  for (const char *mark = host_signal_mark; *mark; mark++) *end++ = *mark;
  *end++ = ' ';
  end = append_hex(end, (uintptr_t)number);
#ifdef __linux__
  if (number == SIGSYS) {
    *end++ = ' ';
    *end++ = 's';
    end = append_hex(end, (uintptr_t)information->si_syscall);
  }
#else
  (void)information;
#endif
  for (int i = 0; base_address && i < count; i++) {
    uintptr_t place = (uintptr_t)places[i];
    if (place < base_address) continue;
    // All others are the places behind a call.
    if (place == stopped) place++;
    *end++ = ' ';
    end = append_hex(end, place - base_address);
  }
  *end++ = '\n';
  if (write(STDERR_FILENO, line, (size_t)(end - line)) < 0) _exit(1);
  signal(number, SIG_DFL);
  raise(number);
}

void host_report_signals(const void *symbol) {
  static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGXCPU, SIGXFSZ, SIGSYS};
  Dl_info image;
  if (symbol && dladdr(symbol, &image)) base_address = (uintptr_t)image.dli_fbase;
  setvbuf(stdout, NULL, _IONBF, 0);

  void *place[1];
  backtrace(place, 1);  // loads what it needs now, while memory can still be had

  // Endless recursion leaves no room for the handler, so it has a stack of its own.
  static char handler_stack[64 << 10];
  stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
  sigaltstack(&stack, NULL);

  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = report;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_SIGINFO;
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaction(signals[i], &action, NULL);
}
