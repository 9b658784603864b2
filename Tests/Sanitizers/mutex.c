// What the thread sanitizer cannot see of Swift's `Mutex` on Linux.
//
// Locking a `Mutex` that nobody holds is an atomic operation compiled into the caller, which the sanitizer sees. Where
// somebody does hold it, the caller goes on to a function of Swift's library `Synchronization`, which was built without
// the sanitizer: two threads that waited for each other there would look like a race on whatever the mutex protects.
// These two functions take the place of the library's, in the program of the tests alone: they call the library's, and
// tell the sanitizer what those have done. Without the sanitizer, this file is empty.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) && defined(__linux__)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// The compiler's names for `_MutexHandle._lockSlow(_:)` and `_unlockSlow()` of Swift 6.2 and 6.3. A version with other
// names does not call these, and the reports of races on what mutexes protect are back.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

void __tsan_acquire(void *address);
void __tsan_release(void *address);

static void *library_function(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) {
    fprintf(stderr, "Swift's library Synchronization has no function %s\n", name);
    abort();
  }
  return function;
}

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
  typedef SWIFT void Function(uint32_t, SELF void *);
  ((Function *)library_function(LOCK))(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF void *mutex) {
  typedef SWIFT void Function(SELF void *);
  __tsan_release(mutex);
  ((Function *)library_function(UNLOCK))(mutex);
}

#endif
#endif
