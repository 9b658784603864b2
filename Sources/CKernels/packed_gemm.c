#include "CKernels.h"
#include <string.h>

// A matrix product in the manner of Goto: the inner loop keeps a tile of C in registers, walks along K, and multiplies
// numbers of A with rows of B. B is packed into panels of 32 columns so that those rows lie one after another.
// Every number of C is summed over K in the same order wherever its tile begins, so the cut does not show in the bits.
//
// Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.

enum { PANEL = CK_PACKED_PANEL, DEPTH = CK_PACKED_DEPTH, TALL = 12, BLOCK = 96, STRIP = 48 };

typedef float vec __attribute__((vector_size(64), aligned(4)));

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NARROW __attribute__((target_clones("arch=x86-64-v3", "default")))
#define HAS_WIDE __builtin_cpu_supports("x86-64-v4")
#else
#define WIDE
#define NARROW
#define HAS_WIDE 0
#endif

#define INLINE static inline __attribute__((always_inline))

// `rows` x 16 `vecs` numbers of C, over `depth` numbers of K. `a(i, k)` stands at a[i * down + k * along].
INLINE void tile(const int rows, const int vecs, const float *a, const size_t down, const size_t along, const float *b,
                 size_t depth, float *c, size_t ldc, int accumulate) {
  vec sum[TALL][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) sum[i][j] = accumulate ? *(const vec *)(c + i * ldc + 16 * j) : (vec){0};
  for (size_t k = 0; k < depth; k++) {
    vec row[2];
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) row[j] = *(const vec *)(b + 16 * j);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < vecs; j++) sum[i][j] += a[i * down] * row[j];
    a += along;
    b += PANEL;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vecs; j++) *(vec *)(c + i * ldc + 16 * j) = sum[i][j];
}

// One panel of B against any number of rows of A, in tiles of nearly the same height.
INLINE void wide_panel(size_t m, const float *a, const size_t down, const size_t along, const float *b, size_t depth,
                       float *c, size_t ldc, int accumulate) {
  size_t tiles = (m + TALL - 1) / TALL;
  for (size_t t = 0, at = 0; t < tiles; t++) {
    size_t rows = (m - at + tiles - t - 1) / (tiles - t);
    const float *top = a + at * down;
    float *out = c + at * ldc;
    switch (rows) {
#define CASE(R) case R: tile(R, 2, top, down, along, b, depth, out, ldc, accumulate); break;
      CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#undef CASE
    }
    at += rows;
  }
}

INLINE void narrow_panel(size_t m, const float *a, const size_t down, const size_t along, const float *b, size_t depth,
                         float *c, size_t ldc, int accumulate) {
  for (int half = 0; half < 2; half++) {
    for (size_t at = 0; at < m; at += 4) {
      const float *top = a + at * down, *right = b + 16 * half;
      float *out = c + at * ldc + 16 * half;
      switch (m - at) {
        case 1: tile(1, 1, top, down, along, right, depth, out, ldc, accumulate); break;
        case 2: tile(2, 1, top, down, along, right, depth, out, ldc, accumulate); break;
        case 3: tile(3, 1, top, down, along, right, depth, out, ldc, accumulate); break;
        default: tile(4, 1, top, down, along, right, depth, out, ldc, accumulate);
      }
    }
  }
}

// Rows of A, DEPTH apart, against one panel.
WIDE static void wide_rows(size_t m, const float *a, const float *b, size_t depth, float *c, size_t ldc, int more) {
  wide_panel(m, a, DEPTH, 1, b, depth, c, ldc, more);
}
NARROW static void narrow_rows(size_t m, const float *a, const float *b, size_t depth, float *c, size_t ldc, int more) {
  narrow_panel(m, a, DEPTH, 1, b, depth, c, ldc, more);
}
// Up to TALL columns of A, whose numbers for one k lie side by side, TALL apart from those for the next.
WIDE static void wide_columns(size_t m, const float *a, const float *b, size_t depth, float *c, size_t ldc, int more) {
  wide_panel(m, a, 1, TALL, b, depth, c, ldc, more);
}
NARROW static void narrow_columns(size_t m, const float *a, const float *b, size_t depth, float *c, size_t ldc,
                                  int more) {
  narrow_panel(m, a, 1, TALL, b, depth, c, ldc, more);
}

typedef void panel_kernel(size_t, const float *, const float *, size_t, float *, size_t, int);

// A panel whose last columns lie outside of C goes by way of a full-width copy.
static void panel(panel_kernel *kernel, size_t m, const float *a, const size_t a_step, const float *b, size_t depth,
                  float *c, size_t ldc, size_t columns, int accumulate) {
  if (columns == PANEL) {
    kernel(m, a, b, depth, c, ldc, accumulate);
    return;
  }
  float whole[TALL * PANEL];
  for (size_t at = 0; at < m; at += TALL) {
    size_t rows = m - at < TALL ? m - at : TALL;
    if (accumulate) {
      memset(whole, 0, sizeof whole);
      for (size_t i = 0; i < rows; i++) memcpy(whole + i * PANEL, c + (at + i) * ldc, columns * sizeof(float));
    }
    kernel(rows, a + at * a_step, b, depth, whole, PANEL, accumulate);
    for (size_t i = 0; i < rows; i++) memcpy(c + (at + i) * ldc, whole + i * PANEL, columns * sizeof(float));
  }
}

size_t ck_packed_count(size_t k, size_t n) { return k * ((n + PANEL - 1) / PANEL) * PANEL; }

// Blocks of DEPTH rows; in each, panel after panel; in each, row after row of 32 numbers, zero beyond N.
void ck_pack(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed) {
  for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
    size_t depth = k - k0 < DEPTH ? k - k0 : DEPTH;
    for (size_t n0 = 0; n0 < n; n0 += PANEL) {
      size_t columns = n - n0 < PANEL ? n - n0 : PANEL;
      if (columns < PANEL) memset(packed, 0, depth * PANEL * sizeof(float));
      if (transposed) {
        for (size_t i0 = 0; i0 < depth; i0 += 16) {
          size_t end = i0 + 16 < depth ? i0 + 16 : depth;
          for (size_t j = 0; j < columns; j++) {
            const float *from = b + (n0 + j) * ldb + k0;
            for (size_t i = i0; i < end; i++) packed[i * PANEL + j] = from[i];
          }
        }
      } else {
        for (size_t i = 0; i < depth; i++)
          memcpy(packed + i * PANEL, b + (k0 + i) * ldb + n0, columns * sizeof(float));
      }
      packed += depth * PANEL;
    }
  }
}

void ck_packed_gemm(size_t m, size_t k, size_t n, const float *a, size_t lda, const float *packed, float *c, size_t ldc,
                    int accumulate) {
  ck_packed_gemm_steps(1, m, k, n, a, 0, lda, packed, c, 0, ldc, accumulate);
}

size_t ck_packed_gemm_group(size_t m) { return m < BLOCK ? BLOCK / (m > 0 ? m : 1) : 1; }

void ck_packed_gemm_steps(size_t steps, size_t m, size_t k, size_t n, const float *a, ptrdiff_t a_step, size_t lda,
                          const float *packed, float *c, ptrdiff_t c_step, size_t ldc, int accumulate) {
  panel_kernel *kernel = HAS_WIDE ? wide_rows : narrow_rows;
  size_t panels = (n + PANEL - 1) / PANEL, group = ck_packed_gemm_group(m);
  float copy[BLOCK * DEPTH];
  for (size_t s0 = 0; s0 < steps; s0 += group) {
    size_t here = steps - s0 < group ? steps - s0 : group;
    const float *from = a + (ptrdiff_t)s0 * a_step;
    float *to = c + (ptrdiff_t)s0 * c_step;
    for (size_t m0 = 0; m0 < m; m0 += BLOCK) {
      size_t rows = m - m0 < BLOCK ? m - m0 : BLOCK;
      const float *b = packed;
      for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
        size_t depth = k - k0 < DEPTH ? k - k0 : DEPTH;
        const float *block = from + m0 * lda + k0;
        ptrdiff_t step = a_step;
        // Rows a power of two apart would fight for the same lines of the cache.
        if (lda != DEPTH) {
          step = (ptrdiff_t)(rows * DEPTH);
          for (size_t s = 0; s < here; s++)
            for (size_t i = 0; i < rows; i++)
              memcpy(copy + s * rows * DEPTH + i * DEPTH, block + (ptrdiff_t)s * a_step + i * lda,
                     depth * sizeof(float));
          block = copy;
        }
        for (size_t p = 0; p < panels; p++) {
          size_t columns = n - p * PANEL < PANEL ? n - p * PANEL : PANEL;
          for (size_t s = 0; s < here; s++)
            panel(kernel, rows, block + (ptrdiff_t)s * step, DEPTH, b, depth,
                  to + (ptrdiff_t)s * c_step + m0 * ldc + p * PANEL, ldc, columns, accumulate || k0 > 0);
          b += depth * PANEL;
        }
      }
    }
  }
}

size_t ck_gradient_scratch(size_t n) { return ck_packed_count(DEPTH, n); }

void ck_gradient_gemm(size_t m, size_t n, size_t steps, size_t batch, const float *a, size_t lda, const float *b,
                      size_t b_step, size_t b_row, float *c, size_t ldc, float *scratch) {
  size_t rows = steps * batch;
  panel_kernel *kernel = HAS_WIDE ? wide_columns : narrow_columns;
  float copy[STRIP * DEPTH];
  for (size_t r0 = 0; r0 < rows; r0 += DEPTH) {
    size_t depth = rows - r0 < DEPTH ? rows - r0 : DEPTH;
    for (size_t i = 0; i < depth; i++) {
      const float *from = b + (r0 + i) / batch * b_step + (r0 + i) % batch * b_row;
      for (size_t n0 = 0; n0 < n; n0 += PANEL) {
        float *to = scratch + n0 * depth + i * PANEL;
        size_t width = n - n0 < PANEL ? n - n0 : PANEL;
        if (width == PANEL) {
          memcpy(to, from + n0, PANEL * sizeof(float));
        } else {
          memcpy(to, from + n0, width * sizeof(float));
          memset(to + width, 0, (PANEL - width) * sizeof(float));
        }
      }
    }
    for (size_t m0 = 0; m0 < m; m0 += STRIP) {
      // Several tiles at once, so that whole lines of the cache are read.
      size_t strip = m - m0 < STRIP ? m - m0 : STRIP;
      for (size_t i = 0; i < depth; i++) {
        const float *from = a + (r0 + i) * lda + m0;
        for (size_t j = 0; j < strip; j += TALL) {
          float *to = copy + j * DEPTH + i * TALL;
          if (strip - j >= TALL) {  // of a known size, a copy is a few instructions instead of a call
            memcpy(to, from + j, TALL * sizeof(float));
          } else {
            memcpy(to, from + j, (strip - j) * sizeof(float));
          }
        }
      }
      for (size_t n0 = 0; n0 < n; n0 += PANEL) {
        size_t width = n - n0 < PANEL ? n - n0 : PANEL;
        for (size_t j = 0; j < strip; j += TALL)
          panel(kernel, strip - j < TALL ? strip - j : TALL, copy + j * DEPTH, 1, scratch + n0 * depth, depth,
                c + (m0 + j) * ldc + n0, ldc, width, r0 > 0);
      }
    }
  }
  if (rows == 0)
    for (size_t i = 0; i < m; i++) memset(c + i * ldc, 0, n * sizeof(float));
}
