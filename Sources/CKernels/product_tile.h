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
#define FOLDS CK_FOLDS

#define INLINE static inline __attribute__((always_inline))

// One step along K: a number of A for each row of the tile, times a row of B. `again` is `a`, or `a` so that the compiler
// does not know it, and reads numbers twice.
INLINE void tile_step(const int rows, const int vecs, const float *a, const float *again, const size_t down,
                      const float *b, vec sum[TALL][2]) {
  vec row[2];
#pragma clang loop unroll(full)
  for (int j = 0; j < vecs; j++) row[j] = *(const vec *)(b + 16 * j);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) sum[i][j] += (j > 0 && CK_IS_FOLDED(i) ? again : a)[i * down] * row[j];
}

// So many steps are written out one after another. To its 12 multiplications a loop adds a handful of instructions, for
// which a core that two threads share has no room. On a rented machine in a busy hour, eight steps at once took 10 %
// less time than one, and where the rows are scattered, four took 5 % less (eight were no better than four). In a quiet
// hour it makes no difference.
// Tiles of AVX-512 go step by step: unrolled, and with one general register less (SwiftPM keeps frame pointers), clang
// stored vectors on the stack in every step.
//
// But where A is packed, a multiplication can take its number of A from memory by itself and spread it to all of its
// vector: 24 instructions need 2 more that load instead of 14, and four steps fit. On a Xeon whose cores others used too,
// that took 7 to 12 % less time; on a quiet one as much as before. (Rows that stand anywhere: `copied_tile.h`.)
// The units that load are then as busy as those that multiply; with every fourth row's number read once for both vectors,
// 3 to 6 % less time again. It is for Intel's cores: they load two such numbers in a cycle, as many as they multiply,
// where Zen 4 loads one vector and multiplies one.
enum { STEPS = 8, SCATTERED_STEPS = 4, FOLDED_STEPS = 4 };

// The sums of a tile begin; where they will be written or added is fetched meanwhile.
INLINE void begin_sums(const int rows, const int vecs, vec sum[TALL][2], const float *c, size_t ldc) {
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) {
      sum[i][j] = (vec){0};
      __builtin_prefetch(c + i * ldc + 16 * j, 1);
    }
}

// And are written, or added. With `plus`, row i gets plus[i] on top.
INLINE void end_sums(const int rows, const int vecs, vec sum[TALL][2], float *c, size_t ldc, int accumulate,
                     const float *plus) {
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) {
      vec *to = (vec *)(c + i * ldc + 16 * j);
      vec total = accumulate ? *to + sum[i][j] : sum[i][j];
      *to = plus ? total + plus[i] : total;
    }
}

// `rows` x 16 `vecs` numbers of C, over `depth` numbers of K. `a(i, k)` stands at a[i * down + k * along]; row k of B
// follows the one before it, or if they are scattered stands at b[rows_at[k]].
// With `folded`, numbers of A are read by the multiplications themselves; `down` is 1 then.
INLINE void tile(const int rows, const int vecs, const int folded, const float *a, const size_t down,
                 const size_t along, const float *b, const size_t *rows_at, const int is_scattered, size_t depth,
                 float *c, size_t ldc, int accumulate, const float *plus) {
  vec sum[TALL][2];
  begin_sums(rows, vecs, sum, c, ldc);
  const int steps = folded ? FOLDED_STEPS : vecs > 1 ? 1 : is_scattered ? SCATTERED_STEPS : STEPS;
  size_t k = 0;
#pragma clang loop unroll_count(1)
  for (; k + steps <= depth; k += steps) {
    const float *again = a;
    // Of what comes from here the compiler knows nothing: it cannot read once instead of twice, nor count from elsewhere,
    // for a multiplication whose address is made of two registers is taken apart again.
    if (folded) __asm__("" : "+r"(a), "+r"(again));
#pragma clang loop unroll(full)
    for (int s = 0; s < steps; s++)
      tile_step(rows, vecs, a + s * along, again + s * along, down,
                is_scattered ? b + rows_at[k + s] : b + s * 16 * vecs, sum);
    a += steps * along;
    if (!is_scattered) b += steps * 16 * vecs;
  }
#pragma clang loop unroll_count(1)
  for (; steps > 1 && k < depth; k++) {
    tile_step(rows, vecs, a, a, down, is_scattered ? b + rows_at[k] : b, sum);
    a += along;
    if (!is_scattered) b += 16 * vecs;
  }
  end_sums(rows, vecs, sum, c, ldc, accumulate, plus);
}

// The same for a number of rows, at most `tallest`, that the compiler does not know.
INLINE void tile_of(size_t rows, const int tallest, const int vecs, const int folded, const float *a, const size_t down,
                    const size_t along, const float *b, const size_t *rows_at, const int is_scattered, size_t depth,
                    float *c, size_t ldc, int accumulate, const float *plus) {
  switch (rows) {
#define CASE(R) \
  case R: \
    if (R <= tallest) \
      tile(R, vecs, folded, a, down, along, b, rows_at, is_scattered, depth, c, ldc, accumulate, plus); \
    break;
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#undef CASE
  }
}

// So many tiles hold `m` rows, and there begins tile t of them: they are of nearly the same height.
INLINE size_t tile_count(size_t m, size_t tallest) { return (m + tallest - 1) / tallest; }
INLINE size_t tile_begin(size_t t, size_t tiles, size_t m) {
  return t * (m / tiles) + (t < m % tiles ? t : m % tiles);
}
