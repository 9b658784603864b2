#ifndef CEXERCISEHOST_H
#define CEXERCISEHOST_H

#include <stddef.h>

/// Limits what this process may use, for good: no core files, `memory` bytes of address space, `seconds` of
/// processor time, `file` bytes in any file it writes. Returns 0, or the number of the error.
int host_limit(size_t memory, size_t seconds, size_t file);

/// From now on, a signal that ends this process first writes one line to standard error:
/// the mark, the signal's number, and the calling places in the library that `symbol` is in, as hexadecimal distances
/// from its beginning, each by one behind the place meant. Without a symbol, no places. What is printed is never held
/// back in a buffer.
void host_report_signals(const void *symbol);

/// From now on, this process ends as soon as the other end of a socket is closed, whatever it is busy with: nobody waits
/// for it any more. Returns 0, or the number of the error.
int host_end_with(int descriptor);

/// From now on, this process may only calculate, print and answer: no files to write, no sockets, no other programs or
/// processes, no look into those of others. What is refused ends it by SIGSYS, and the line that is written then names
/// the call behind an `s`. Does nothing where the system has no such filter. Returns 0, or the number of the error.
int host_confine(void);

/// The name of a call that was refused.
const char *host_refused_name(long number);

/// From now on, no other process of the same user may read this one's memory. Returns 0, or the number of the error.
int host_hide_memory(void);

/// What stands before the numbers in such a line.
extern const char *const host_signal_mark;

#endif
