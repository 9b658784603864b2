#pragma once
#include <stddef.h>

/// C = A B^T for 1 to 4 rows of A, their numbers and those of B's rows summed over K in sixteen lanes. A: M x K,
/// B: N x K, C: M x N, rows `ld` apart.
void ck_few_rows(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c,
                 size_t ldc);
