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

/// What stands before the numbers in such a line.
extern const char *const host_signal_mark;

#endif
