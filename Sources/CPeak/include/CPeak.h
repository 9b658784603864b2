#pragma once
#include <stdint.h>

/// Does nothing but multiply and add, in registers, with the widest vectors of the processor, `rounds` times over.
///
/// Writes what came of it to `sink`, so that the compiler cannot leave it out, and returns how many floating-point
/// operations that were: two for each number of a vector's product and sum.
double peak_multiply_add(int64_t rounds, float *sink);

/// `a = b + c / 2` for arrays that are much larger than the caches, which keeps memory busy and nothing else.
///
/// Returns how many bytes that moves: two arrays read and one written. (What a processor reads of `a` before it writes
/// there is not counted, as McCalpin's benchmark STREAM has it.)
double memory_triad(int64_t count, float *a, const float *b, const float *c);
