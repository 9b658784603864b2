#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CExerciseHost.h"

#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1  // a sanitizer asks the system for things of its own
#endif
#endif

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && !defined(SANITIZED)
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
// The lower half of an argument: both machines store it first.
#define LOAD_ARGUMENT(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i]))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define FAIL(number) RETURN(SECCOMP_RET_ERRNO | ((number)&SECCOMP_RET_DATA))
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define ANSWER(name, number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), FAIL(number)
/// What follows, `count` statements long and ending in a return, is for this call alone.
#define CASE(name, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, count)

/// The calls that end the process, by name: what an answer has no business with. Whatever is neither here nor allowed
/// below is refused with EPERM, and the answer goes on.
#define REFUSED(X)                                                                                       \
  X(socket) X(socketpair) X(connect) X(bind) X(listen) X(accept) X(accept4) X(execve) X(execveat)        \
  X(ptrace) X(process_vm_readv) X(process_vm_writev) X(kill) X(tkill) X(setsid) X(setpgid) X(chroot)     \
  X(pivot_root) X(mount) X(umount2) X(unshare) X(setns) X(bpf) X(perf_event_open) X(userfaultfd)         \
  X(keyctl) X(add_key) X(request_key) X(memfd_create) X(unlinkat) X(renameat2) X(linkat) X(symlinkat)    \
  X(mkdirat) X(mknodat) X(truncate) X(ftruncate) X(fallocate) X(fchmodat) X(fchownat) X(utimensat)       \
  X(clock_settime) X(settimeofday) X(clock_adjtime) X(adjtimex) X(setuid) X(setgid) X(setresuid)         \
  X(setresgid) X(open_by_handle_at) X(pidfd_open) X(inotify_init1) X(io_setup) X(shmget) X(msgget)       \
  X(semget) X(seccomp) X(init_module) X(finit_module) X(kexec_load) X(reboot) X(swapon) X(syslog) OLD(X)

#ifdef __x86_64__
#define OLD(X)                                                                                           \
  X(fork) X(vfork) X(creat) X(unlink) X(rename) X(renameat) X(link) X(symlink) X(mkdir) X(rmdir) X(mknod) \
  X(chmod) X(chown) X(lchown) X(utime) X(utimes) X(inotify_init)
#else
#define OLD(X) X(renameat)
#endif

const char *host_refused_name(long number) {
#define NAME(name)                        \
  if (number == SYS_##name) return #name;
  REFUSED(NAME)
  if (number == SYS_openat) return "open (for writing)";
#ifdef __x86_64__
  if (number == SYS_open) return "open (for writing)";
#endif
  if (number == SYS_clone) return "fork";
  if (number == SYS_tgkill) return "kill";
  return "the system";
}

int host_confine(void) {
#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))
#define REFUSE(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), RETURN(SECCOMP_RET_TRAP),
  struct sock_filter rules[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
#ifdef __x86_64__
      // The same calls under the numbers of another way to call.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      RETURN(SECCOMP_RET_KILL_PROCESS),
#endif
      // Calculating, waiting, answering.
      ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(pread64), ALLOW(sendto), ALLOW(recvfrom),
      ALLOW(futex), ALLOW(mmap), ALLOW(munmap), ALLOW(mprotect), ALLOW(mremap), ALLOW(madvise), ALLOW(brk),
      ALLOW(ppoll), ALLOW(pselect6), ALLOW(close), ALLOW(fstat), ALLOW(lseek), ALLOW(fcntl), ALLOW(newfstatat),
      ALLOW(statx), ALLOW(faccessat), ALLOW(readlinkat), ALLOW(getdents64), ALLOW(getcwd),
      ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(sigaltstack), ALLOW(restart_syscall),
      ALLOW(exit), ALLOW(exit_group), ALLOW(sched_yield), ALLOW(sched_getaffinity), ALLOW(set_robust_list),
      ALLOW(clock_gettime), ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday),
      ALLOW(getrandom), ALLOW(getpid), ALLOW(gettid), ALLOW(getppid), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid),
      ALLOW(getegid), ALLOW(getrusage), ALLOW(times), ALLOW(uname), ALLOW(sysinfo), ALLOW(membarrier),
#ifdef SYS_rseq
      ALLOW(rseq),
#endif
#ifdef SYS_faccessat2
      ALLOW(faccessat2),
#endif
#ifdef __x86_64__
      ALLOW(poll), ALLOW(select), ALLOW(stat), ALLOW(lstat), ALLOW(access), ALLOW(readlink), ALLOW(time),
      ALLOW(arch_prctl),
      CASE(open, 4), LOAD_ARGUMENT(1), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 1, 0),
      RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_TRAP),
#endif
      CASE(openat, 4), LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 1, 0),
      RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_TRAP),
      // Threads, and no processes. What asks in the newer way is told that there is none, and asks in the older.
#ifdef SYS_clone3
      ANSWER(clone3, ENOSYS),
#endif
#ifdef SYS_openat2
      ANSWER(openat2, ENOSYS),
#endif
      CASE(clone, 4), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
      RETURN(SECCOMP_RET_TRAP), RETURN(SECCOMP_RET_ALLOW),
      // A signal to itself: this is how abort works.
      CASE(tgkill, 4), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 1, 0),
      RETURN(SECCOMP_RET_TRAP), RETURN(SECCOMP_RET_ALLOW),
      // Limits may be read.
      CASE(prlimit64, 6), LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]) + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RETURN(SECCOMP_RET_ALLOW), FAIL(EPERM),
      // Names of threads, and of pieces of memory.
      CASE(prctl, 5), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_NAME, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x53564d41, 0, 1), RETURN(SECCOMP_RET_ALLOW), FAIL(EPERM),
      ANSWER(ioctl, ENOTTY),
      REFUSED(REFUSE)
      FAIL(EPERM),
  };
  struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0)) return errno;
  return 0;
}

int host_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? errno : 0; }

#else

int host_confine(void) { return 0; }
int host_hide_memory(void) { return 0; }
const char *host_refused_name(long number) {
  (void)number;
  return "the system";
}

#endif
