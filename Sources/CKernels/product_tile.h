#pragma once
#include "wide.h"
#include <stddef.h>

// The inner loop of all products: a tile of C in registers.

// The tile takes what the registers hold: 12 x 32 numbers in 32 registers of 16 numbers, 6 x 16 in 16 registers of 8.
// (Four rows instead of six leave too few sums to hide how long a sum takes: 2 to 5 % slower on a Zen 3.)
enum { TALL = 12, WIDE_PANEL = 32, NARROW_PANEL = 16, NARROW_TALL = 6 };

typedef float vec __attribute__((vector_size(64), aligned(4)));

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NARROW CK_NARROW_CLONES
#define HAS_WIDE CK_HAS_WIDE
#else
#define WIDE
#define NARROW
#define HAS_WIDE 0
#endif

#define INLINE static inline __attribute__((always_inline))

// One step along K: a number of A for each row of the tile, times a row of B.
INLINE void tile_step(const int rows, const int vecs, const float *a, const size_t down, const float *b,
                      vec sum[TALL][2]) {
  vec row[2];
#pragma clang loop unroll(full)
  for (int j = 0; j < vecs; j++) row[j] = *(const vec *)(b + 16 * j);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) sum[i][j] += a[i * down] * row[j];
}

// So many steps are written out one after another. To its 12 multiplications a loop adds a handful of instructions, for
// which a core that two threads share has no room. On a rented machine in a busy hour, eight steps at once took 10 %
// less time than one, and where the rows are scattered, four took 5 % less (eight were no better than four). In a quiet
// hour it makes no difference.
// Tiles of AVX-512 go step by step: unrolled, and with one general register less (SwiftPM keeps frame pointers), clang
// stored vectors on the stack in every step.
enum { STEPS = 8, SCATTERED_STEPS = 4 };

// `rows` x 16 `vecs` numbers of C, over `depth` numbers of K. `a(i, k)` stands at a[i * down + k * along]; row k of B
// follows the one before it, or if they are scattered stands at b[rows_at[k]]. With `plus`, row i gets plus[i] on top.
INLINE void tile(const int rows, const int vecs, const float *a, const size_t down, const size_t along, const float *b,
                 const size_t *rows_at, const int is_scattered, size_t depth, float *c, size_t ldc, int accumulate,
                 const float *plus) {
  vec sum[TALL][2];
  // C is fetched meanwhile, and added at the end.
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) {
      sum[i][j] = (vec){0};
      __builtin_prefetch(c + i * ldc + 16 * j, 1);
    }
  const int steps = vecs > 1 ? 1 : is_scattered ? SCATTERED_STEPS : STEPS;
  size_t k = 0;
#pragma clang loop unroll_count(1)
  for (; k + steps <= depth; k += steps) {
#pragma clang loop unroll(full)
    for (int s = 0; s < steps; s++)
      tile_step(rows, vecs, a + s * along, down, is_scattered ? b + rows_at[k + s] : b + s * 16 * vecs, sum);
    a += steps * along;
    if (!is_scattered) b += steps * 16 * vecs;
  }
#pragma clang loop unroll_count(1)
  for (; steps > 1 && k < depth; k++) {
    tile_step(rows, vecs, a, down, is_scattered ? b + rows_at[k] : b, sum);
    a += along;
    if (!is_scattered) b += 16 * vecs;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) {
      vec *to = (vec *)(c + i * ldc + 16 * j);
      vec total = accumulate ? *to + sum[i][j] : sum[i][j];
      *to = plus ? total + plus[i] : total;
    }
}
