#pragma once
#include <stddef.h>

typedef float four __attribute__((vector_size(16), aligned(4)));

// 4 x 4 numbers turned: rows `ldb` apart become columns of a panel. One by one, this takes more than twice as long.
static inline __attribute__((always_inline)) void turn(const float *b, size_t ldb, float *packed, size_t width) {
  four r0 = *(const four *)b, r1 = *(const four *)(b + ldb);
  four r2 = *(const four *)(b + 2 * ldb), r3 = *(const four *)(b + 3 * ldb);
  four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  *(four *)packed = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  *(four *)(packed + width) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  *(four *)(packed + 2 * width) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  *(four *)(packed + 3 * width) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

// `rows` x `columns` numbers turned: number j of row i, the rows `apart`, goes to number i of row j, those `width`
// apart.
static inline __attribute__((always_inline)) void turn_all(const float *from, size_t apart, size_t rows, size_t columns,
                                                           float *to, size_t width) {
  size_t whole = rows / 4 * 4, turned = columns / 4 * 4;
  for (size_t j = 0; j < turned; j += 4)
    for (size_t i = 0; i < whole; i += 4) turn(from + i * apart + j, apart, to + j * width + i, width);
  for (size_t j = 0; j < columns; j++)
    for (size_t i = j < turned ? whole : 0; i < rows; i++) to[j * width + i] = from[i * apart + j];
}
