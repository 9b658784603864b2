#pragma once
#include <stddef.h>

/// C = A B^T for 1 to 4 rows of A, their numbers and those of B's rows summed over K in sixteen lanes. A: M x K,
/// B: N x K, C: M x N, rows `ld` apart.
void ck_few_rows(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c,
                 size_t ldc);

/// From now on products keep to AVX2 where the processor has AVX-512. To be called before anything is packed.
void ck_use_narrow(void);
/// Whether the multiplications of AVX-512 read one factor from memory themselves: 1 or 0; below 0, where that is faster.
void ck_use_folding(int folds);
/// Whether that is faster: on Intel's processors, whose AVX-512 multiplies two vectors at once.
int ck_prefers_folding(void);
/// Whether products use AVX-512.
int ck_uses_wide(void);

// Products whose right side is packed once and used many times: at every time step of a recurrent layer, for every part
// of a linear layer's rows. What a row of C becomes depends on no other row, nor on how many there are.

/// B is packed by blocks of so many rows, and those by panels of as many columns as suit the processor.
enum { CK_PACKED_DEPTH = 256 };
size_t ck_packed_panel(void);
/// The floats that `ck_pack` fills for a K x N matrix.
size_t ck_packed_count(size_t k, size_t n);
/// Packs B (K x N, its rows `ldb` apart) for `ck_packed_gemm`. With `transposed`, b holds N x K instead.
void ck_pack(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed);

/// A packed matrix, K x N.
typedef struct {
  const float *numbers;
  size_t k, n;
} CKPacked;

/// The left sides of a product: `steps` matrices of `rows` rows, that of one step `a_step` after that of the step
/// before, and its results `c_step`. Steps of few rows are taken `ck_packed_gemm_group(rows)` at a time, so that B is
/// read from afar less often.
typedef struct {
  size_t steps, rows;
  ptrdiff_t a_step, c_step;
} CKSteps;
size_t ck_packed_gemm_group(size_t rows);

/// Rows that are wanted after a product, by whoever it may be; they are fetched meanwhile. All 0, there are none.
typedef struct {
  const float *numbers;
  size_t rows, down, width;
} CKSoon;

/// C = A B, or C += A B with `accumulate`, where B is the first `k` rows and `n` columns of what was packed. Rows of A
/// and C are `lda` and `ldc` apart.
void ck_packed_gemm(CKSteps of, size_t k, size_t n, const float *a, size_t lda, CKPacked b, float *c, size_t ldc,
                    int accumulate, CKSoon next);

/// A matrix whose number (i, k) is image[rows[i] + columns[k]].
typedef struct {
  const float *image;
  const size_t *rows;
  size_t row_count;
  const size_t *columns;
} CKImage;
/// C = A B, or C += A B with `accumulate`, where A stands in an image and has as many columns as B has rows.
void ck_image_product(CKImage a, CKPacked b, float *c, size_t ldc, int accumulate);

// A weight's gradient: C = A^T B, the sum over all rows of a batch and of all its time steps. Such products take their
// right side packed too, otherwise: in blocks of CK_GRADIENT_DEPTH rows.

enum { CK_GRADIENT_DEPTH = 128 };
/// The floats that `ck_gradient_pack` fills. Up to each whole block, those of all blocks before it.
size_t ck_gradient_count(size_t rows, size_t n);
/// Packs B's rows from `first` on, N numbers each. Row i of all stands at b[i / batch * b_step + i % batch * b_row].
void ck_gradient_pack(size_t first, size_t rows, size_t n, size_t batch, const float *b, size_t b_step, size_t b_row,
                      float *packed);

/// C = A^T B, or C += A^T B with `accumulate`. A: `rows` x M, its rows `lda` apart; B: `rows` x N, packed. With `lower`,
/// A is zero above its diagonal (where the column is greater than the row), and most of that is passed over. `sums`, if
/// given, becomes the sum of A's rows, a bias's gradient, or grows by it.
void ck_gradient_gemm(size_t m, size_t n, size_t rows, const float *a, size_t lda, int lower, const float *packed,
                      float *c, size_t ldc, float *sums, int accumulate, CKSoon soon);
