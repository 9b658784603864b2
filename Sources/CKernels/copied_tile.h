#pragma once
#include "product_tile.h"
#include <string.h>

// A tile that copies its rows of A on the way, so that its multiplications can read their numbers of A themselves (see
// `product_tile.h`): an address must be one register and a distance that the compiler knows, and the rows of A may stand
// anywhere. A piece is 16 numbers of each of the tile's rows, row after row; the pieces follow each other. The next
// panels of B find the rows copied.
//
// 56 rows, 256 deep, on one core of a Xeon in a quiet hour, GFLOP/s with 1, 2, 4 and 8 panels: rows where they stand,
// 165 to 168 whatever the number; copied on the way, 161, 168, 169 and 170; packed before, number by number turned, 96,
// 119, 135 and 150. In a busy hour, when others' threads share the core, 128 rows with 8 panels: 114, 136 and 132.

enum { PIECE = 16 };

INLINE void copy_piece(const int rows, const float *from, size_t down, size_t count, float *copy) {
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    if (count == PIECE) {
      *(vec *)(copy + i * PIECE) = *(const vec *)(from + i * down);
    } else {
      memcpy(copy + i * PIECE, from + i * down, count * sizeof(float));
    }
  }
}

// `rows` x 32 numbers of C, over `depth` numbers of K. With `copies`, the rows are at `from`, `down` apart, and are
// copied; otherwise they have been.
INLINE void copied_tile(const int rows, const int copies, const float *from, size_t down, float *copy, const float *b,
                        size_t depth, float *c, size_t ldc, int accumulate) {
  // What makes no whole piece comes first, while no sum is in a register: it may take calls.
  size_t k = depth / PIECE * PIECE;
  if (copies && k < depth) copy_piece(rows, from + k, down, depth - k, copy + k * rows);
  vec sum[TALL][2];
  begin_sums(rows, 2, sum, c, ldc);
  // From the middle of a piece, all of it is so near that a distance takes one byte of an instruction.
  const int middle = rows / 2 * PIECE;
  const float *a = copy + middle;
#pragma clang loop unroll_count(1)
  for (k = 0; k + PIECE <= depth; k += PIECE, a += (rows - 1) * PIECE) {
    if (copies) copy_piece(rows, from + k, down, PIECE, copy + k * rows);
#pragma clang loop unroll_count(1)
    for (size_t step = 0; step < PIECE; step += FOLDED_STEPS, a += FOLDED_STEPS, b += FOLDED_STEPS * WIDE_PANEL) {
      const float *again = a;
      __asm__("" : "+r"(a), "+r"(again));
#pragma clang loop unroll(full)
      for (int s = 0; s < FOLDED_STEPS; s++)
        tile_step(rows, 2, a - middle + s, again - middle + s, PIECE, b + s * WIDE_PANEL, sum);
    }
  }
#pragma clang loop unroll_count(1)
  for (; k < depth; k++, a++, b += WIDE_PANEL) tile_step(rows, 2, a - middle, a - middle, PIECE, b, sum);
  end_sums(rows, 2, sum, c, ldc, accumulate, 0);
}

// Numbers that the copy of a row takes.
INLINE size_t copied_depth(size_t depth) { return (depth + PIECE - 1) / PIECE * PIECE; }

// The same for a number of rows that the compiler does not know.
INLINE void copied_tile_of(size_t rows, const int copies, const float *from, size_t down, float *copy, const float *b,
                           size_t depth, float *c, size_t ldc, int accumulate) {
  switch (rows) {
#define CASE(R) \
  case R: \
    copied_tile(R, copies, from, down, copy, b, depth, c, ldc, accumulate); \
    break;
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#undef CASE
  }
}
