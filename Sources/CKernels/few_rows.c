#include "CKernels.h"
#include <string.h>

// Few rows times a matrix whose rows lie along K, as when one image goes through a linear layer: every weight is used
// but once or twice, so all that counts is to read the weights once, in order. A general product copies them first.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vec __attribute__((vector_size(64)));
typedef float vec_any __attribute__((vector_size(64), aligned(4), may_alias));

enum { WIDTH = 16 };

// Sixteen partial sums, added in halves.
INLINE float total(vec v) {
  float each[WIDTH];
  memcpy(each, &v, sizeof each);
  UNROLL for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) each[i] += each[i + half];
  return each[0];
}

// `rows` rows against `columns` of the matrix's; how many there are at once does not change a sum.
INLINE void dots(const int rows, const int columns, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                 float *c, size_t ldc) {
  vec sum[4][4];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < columns; j++) sum[i][j] = (vec){0};
  size_t at = 0;
  for (; at + WIDTH <= k; at += WIDTH) {
    vec x[4];
    UNROLL for (int i = 0; i < rows; i++) x[i] = *(const vec_any *)(a + i * lda + at);
    UNROLL for (int j = 0; j < columns; j++) {
      vec w = *(const vec_any *)(b + j * ldb + at);
      UNROLL for (int i = 0; i < rows; i++) sum[i][j] += x[i] * w;
    }
  }
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < columns; j++) {
    float rest = 0;
    for (size_t l = at; l < k; l++) rest += a[i * lda + l] * b[j * ldb + l];
    c[i * ldc + j] = total(sum[i][j]) + rest;
  }
}

INLINE void all_columns(const int rows, const int columns, size_t n, size_t k, const float *a, size_t lda,
                        const float *b, size_t ldb, float *c, size_t ldc) {
  size_t j = 0;
  for (; j + columns <= n; j += columns) dots(rows, columns, k, a, lda, b + j * ldb, ldb, c + j, ldc);
  for (; j < n; j++) dots(rows, 1, k, a, lda, b + j * ldb, ldb, c + j, ldc);
}

CK_CLONES void ck_few_rows(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                           float *c, size_t ldc) {
  switch (m) {
    case 1: all_columns(1, 4, n, k, a, lda, b, ldb, c, ldc); break;
    case 2: all_columns(2, 2, n, k, a, lda, b, ldb, c, ldc); break;
    case 3: all_columns(3, 1, n, k, a, lda, b, ldb, c, ldc); break;
    case 4: all_columns(4, 1, n, k, a, lda, b, ldb, c, ldc); break;
  }
}
