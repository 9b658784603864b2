#pragma once
#include <stdint.h>

/// Does nothing but multiply and add, in registers, with the widest vectors of the processor, `rounds` times over.
///
/// Writes what came of it to `sink`, so that the compiler cannot leave it out, and returns how many floating-point
/// operations that were: two for each number of a vector's product and sum.
double peak_multiply_add(int64_t rounds, float *sink);
