#pragma once
#include <stddef.h>
#include <stdint.h>

// Products of whole numbers of eight bits, summed in 32: exactly, modulo 2^32.

/// The loops there are, from the plainest to the widest.
enum { CK_INT8_PLAIN = 0, CK_INT8_AVX2 = 1, CK_INT8_AVX_VNNI = 2, CK_INT8_AVX512_VNNI = 3 };

/// How many rows of the weight lie together, and how many numbers of each in turn.
enum { CK_INT8_PANEL = 16, CK_INT8_GROUP = 4 };

/// Whether the processor has what these loops need.
int ck_int8_has(int loops);
/// The widest that it has.
int ck_int8_best(void);

/// The left side: rows `down` bytes apart. Each row consists of `segments` runs of 4 `groups` bytes, the first byte of run
/// s at `offsets[s]`: one run for a matrix; for the windows of an image one for each row of the window.
typedef struct {
  const uint8_t *bytes;
  size_t rows, down, segments, groups;
  const size_t *offsets;
} CKBytes;

/// The bytes that `n` rows of so many segments and groups take when packed: panel after panel of 16 rows, in each
/// segment after segment, group after group, and in each group 16 times 4 numbers. Rows beyond n are zeros.
size_t ck_int8_packed_count(size_t n, size_t segments, size_t groups);

/// c[i, j] = sum over k of a[i, k] w[j, k], for `n` rows of w from panel `panel` on.
/// c has rows `ldc` apart; up to 15 numbers beyond the n-th of each row are written too.
void ck_int8_product(int loops, CKBytes a, const int8_t *packed, size_t panel, size_t n, int32_t *c, size_t ldc);

/// q = clamp(rint(x / scale) + zero, 0, 255) of each of `rows` rows of `width` numbers, and zeros up to `padded`.
/// With `fit`, each row's scale and zero point are first chosen from its own smallest and largest number (0 among them).
/// Returns 0 when a number is not finite, else 1.
int ck_int8_quantize_rows(const float *x, size_t ldx, size_t rows, size_t width, uint8_t *q, size_t ldq, size_t padded,
                          float *scale, int32_t *zero, int fit);
/// The smallest and the largest of `count` numbers and 0; 0 is returned when one is not finite, else 1.
int ck_int8_range(const float *x, size_t count, float *low, float *high);
/// The scale and the zero point that fit `count` numbers into 0...255.
int ck_int8_fit(const float *x, size_t count, float *scale, int32_t *zero);
/// An image, channels x height x width, in eight bits with its channels side by side; rows are `row_bytes` apart.
void ck_int8_interleave(const float *x, size_t channels, size_t height, size_t width, float scale, int32_t zero,
                        uint8_t *q, size_t row_bytes);
/// q = clamp(rint(x / scale) + zero, 0, 255)
void ck_int8_quantize(const float *x, size_t count, float scale, int32_t zero, uint8_t *q);

/// y[j] = (c[j] - zx sums[j] - zw[j] (total - k zx)) sx sw[j] + bias[j], or added to y; `zw` and `bias` may be NULL.
typedef struct {
  const int32_t *sums;
  const float *scales;
  const int32_t *zeros;
  const float *bias;
  int32_t k;
} CKInt8Ends;
void ck_int8_scale(const int32_t *c, size_t n, CKInt8Ends ends, float sx, int32_t zx, int32_t total, float *y, int add);
/// The same for `places` rows of c, turned: y[j * plane + i] for row i. The n-th number of each row is its `total`.
void ck_int8_scale_planes(const int32_t *c, size_t ldc, size_t places, size_t n, CKInt8Ends ends, float sx, int32_t zx,
                          float *y, size_t plane);
