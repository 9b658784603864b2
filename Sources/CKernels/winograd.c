#include "CKernels.h"
#include <string.h>

// Two neighbouring sums of three products each, of four numbers d and three weights g, have six products. Four are
// enough:
//
//     m0 = (d0 - d2) g0                     y0 = d0 g0 + d1 g1 + d2 g2 = m0 + m1 + m2
//     m1 = (d1 + d2) (g0 + g1 + g2) / 2     y1 = d1 g0 + d2 g1 + d3 g2 = m1 - m2 - m3
//     m2 = (d2 - d1) (g0 - g1 + g2) / 2
//     m3 = (d1 - d3) g2
//
// Down the columns as well as along the rows, a tile of 4 x 4 places gives 2 x 2 outputs by 16 products in place of 36;
// and with many channels each of the 16 is a product of matrices, [tiles x channels] [channels x filters]. No number
// goes into an output whose window does not see it: y0 has no d3, y1 no d0.
//
// Its transpose, with the same numbers of d, gives the gradient of the weights: dg = G^T (B^T d * A dy).
//
// Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", arXiv 1509.09308.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { LANES = CK_WINOGRAD_LANES, MOST_PANEL = 32 };
typedef float v8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t i8 __attribute__((vector_size(32), aligned(4)));

#define SHUFFLE __builtin_shufflevector

// 8 x 8 numbers turned.
INLINE void turn(v8 r[8]) {
  v8 a[8], b[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    a[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[i + 1] = SHUFFLE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    UNROLL for (int j = 0; j < 2; j++) {
      b[i + 2 * j] = SHUFFLE(a[i + j], a[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[i + 2 * j + 1] = SHUFFLE(a[i + j], a[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  UNROLL for (int i = 0; i < 4; i++) {
    r[i] = SHUFFLE(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = SHUFFLE(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Fewer than LANES numbers, without a call.
INLINE void few(float *to, const float *from, size_t count) {
  if (count & 4) memcpy(to, from, 4 * sizeof(float)), to += 4, from += 4;
  if (count & 2) memcpy(to, from, 2 * sizeof(float)), to += 2, from += 2;
  if (count & 1) *to = *from;
}

// Along a row, so that whole lines of a few maps are read one after another. Rows of other maps lie far away, and the
// processor does not see them coming: asked for two rows ahead, they take a third of the time (28 x 28, 128 channels).
CK_CLONES void ck_winograd_gather_row(const float *x, size_t plane, size_t width, size_t channels, size_t per_group,
                                      float *to, float *sums, float *most, size_t apart) {
  for (size_t c = 0; c < channels; c += LANES) {
    float *sum = sums + c / per_group * apart, *top = most + c / per_group * apart;
    if (c % per_group == 0) {
      memset(sum, 0, width * sizeof(float));
      memset(top, 0, width * sizeof(float));
    }
    for (size_t j = 0; j < width; j += LANES) {
      size_t here = width - j < LANES ? width - j : LANES;
      const float *from = x + c * plane + j;
      float *place = to + j * channels + c;
      v8 block[LANES], total, largest;
      UNROLL for (int i = 0; i < LANES; i++) __builtin_prefetch(from + i * plane + 2 * width);
      if (here == LANES) {
        total = *(v8 *)(sum + j), largest = *(v8 *)(top + j);
        UNROLL for (int i = 0; i < LANES; i++) block[i] = *(const v8 *)(from + i * plane);
      } else {
        float edge[LANES + 2][LANES] = {{0}};
        UNROLL for (int i = 0; i < LANES; i++) few(edge[i], from + i * plane, here);
        few(edge[LANES], sum + j, here);
        few(edge[LANES + 1], top + j, here);
        UNROLL for (int i = 0; i < LANES; i++) block[i] = *(v8 *)edge[i];
        total = *(v8 *)edge[LANES], largest = *(v8 *)edge[LANES + 1];
      }
      UNROLL for (int i = 0; i < LANES; i++) {
        v8 size = (v8)((i8)block[i] & 0x7fffffff);
        i8 larger = size > largest;
        total += size;
        largest = (v8)((larger & (i8)size) | (~larger & (i8)largest));
      }
      turn(block);
      if (here == LANES) {
        *(v8 *)(sum + j) = total, *(v8 *)(top + j) = largest;
        UNROLL for (int i = 0; i < LANES; i++) *(v8 *)(place + i * channels) = block[i];
      } else {
        float edge[2][LANES];
        *(v8 *)edge[0] = total, *(v8 *)edge[1] = largest;
        few(sum + j, edge[0], here);
        few(top + j, edge[1], here);
        UNROLL for (int i = 0; i < LANES; i++)
          if ((size_t)i < here) *(v8 *)(place + i * channels) = block[i];
      }
    }
  }
}

CK_CLONES void ck_winograd_scatter_row(const float *from, size_t width, size_t channels, const float *bias, float *y,
                                       size_t plane) {
  for (size_t c = 0; c < channels; c += LANES) {
    v8 shift = bias ? *(const v8 *)(bias + c) : (v8){0};
    for (size_t j = 0; j < width; j += LANES) {
      size_t here = width - j < LANES ? width - j : LANES;
      v8 block[LANES];
      const float *place = from + j * channels + c;
      UNROLL for (int i = 0; i < LANES; i++)
        block[i] = (size_t)i < here ? *(const v8 *)(place + i * channels) + shift : (v8){0};
      turn(block);
      float *to = y + c * plane + j;
      // As above; where rows are long, the processor finds them by itself.
      if (width <= 64) UNROLL for (int i = 0; i < LANES; i++) __builtin_prefetch(to + i * plane + 2 * width, 1);
      if (here == LANES) {
        UNROLL for (int i = 0; i < LANES; i++) *(v8 *)(to + i * plane) = block[i];
      } else {
        float edge[LANES][LANES];
        UNROLL for (int i = 0; i < LANES; i++) *(v8 *)edge[i] = block[i];
        UNROLL for (int i = 0; i < LANES; i++) few(to + i * plane, edge[i], here);
      }
    }
  }
}

// Sums that are not finite, or so large that a transform's would not be, count as uneven, and so does a NaN.
CK_CLONES size_t ck_winograd_uneven(const float *const sums[3], const float *const most[3], size_t step, size_t count,
                                    uint8_t *restrict uneven) {
  const float *sum0 = sums[0], *sum1 = sums[1], *sum2 = sums[2], *most0 = most[0], *most1 = most[1], *most2 = most[2];
  size_t found = 0;
  for (size_t j = 0; j < count; j++) {
    float sum = 0, top = 0;
    UNROLL for (size_t k = 0; k < 3; k++) {
      size_t at = j + k * step;
      sum += sum0[at] + sum1[at] + sum2[at];
      top = most0[at] > top ? most0[at] : top;
      top = most1[at] > top ? most1[at] : top;
      top = most2[at] > top ? most2[at] : top;
    }
    uint8_t is = !(CK_WINOGRAD_EVEN * top <= sum) | !(sum < 1e37f);
    uneven[j] = is;
    found += is;
  }
  return found;
}

CK_CLONES void ck_magnitudes(const float *x, size_t count, float *sum, float *most) {
  v8 sums[4] = {0}, tops[4] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    UNROLL for (int k = 0; k < 4; k++) {
      v8 size = (v8)(*(const i8 *)(x + i + 8 * k) & 0x7fffffff);
      i8 larger = size > tops[k];
      sums[k] += size;
      tops[k] = (v8)((larger & (i8)size) | (~larger & (i8)tops[k]));
    }
  }
  float total = 0, top = 0;
  UNROLL for (int k = 0; k < 4; k++) UNROLL for (int j = 0; j < LANES; j++) {
    total += sums[k][j];
    top = tops[k][j] > top ? tops[k][j] : top;
  }
  for (; i < count; i++) {
    float size = x[i] < 0 ? -x[i] : x[i];
    total += size;
    top = size > top ? size : top;
  }
  *sum = total, *most = top;
}

CK_CLONES void ck_winograd_input(CKWinogradRows from, size_t tiles, const size_t *columns, float *to, size_t stride) {
  size_t n = from.channels, right = from.step * n;
  for (size_t t = 0; t < tiles; t++, to += n) {
    size_t at = columns[t] * n;
    for (size_t c = 0; c < n; c += LANES, at += LANES) {
      v8 down[4][4];
      UNROLL for (int j = 0; j < 4; j++) {
        v8 d[4];
        UNROLL for (int i = 0; i < 4; i++) d[i] = *(const v8 *)(from.rows[i] + at + j * right);
        down[0][j] = d[0] - d[2], down[1][j] = d[1] + d[2], down[2][j] = d[2] - d[1], down[3][j] = d[1] - d[3];
      }
      UNROLL for (int i = 0; i < 4; i++) {
        v8 *d = down[i];
        float *out = to + 4 * i * stride + c;
        *(v8 *)out = d[0] - d[2], *(v8 *)(out + stride) = d[1] + d[2];
        *(v8 *)(out + 2 * stride) = d[2] - d[1], *(v8 *)(out + 3 * stride) = d[1] - d[3];
      }
    }
  }
}

CK_CLONES void ck_winograd_upstream(CKWinogradRows from, size_t tiles, const size_t *columns, float *to,
                                    size_t stride) {
  size_t n = from.channels, right = from.step * n;
  for (size_t t = 0; t < tiles; t++, to += n) {
    size_t at = columns[t] * n;
    for (size_t c = 0; c < n; c += LANES, at += LANES) {
      v8 down[4][2];
      UNROLL for (int j = 0; j < 2; j++) {
        v8 upper = *(const v8 *)(from.rows[0] + at + j * right), lower = *(const v8 *)(from.rows[1] + at + j * right);
        down[0][j] = upper, down[1][j] = upper + lower, down[2][j] = upper - lower, down[3][j] = -lower;
      }
      UNROLL for (int i = 0; i < 4; i++) {
        v8 *d = down[i];
        float *out = to + 4 * i * stride + c;
        *(v8 *)out = d[0], *(v8 *)(out + stride) = d[0] + d[1];
        *(v8 *)(out + 2 * stride) = d[0] - d[1], *(v8 *)(out + 3 * stride) = -d[1];
      }
    }
  }
}

CK_CLONES void ck_winograd_output(const float *from, size_t stride, size_t tiles, const size_t *columns,
                                  size_t channels, size_t step, float *upper, float *lower) {
  for (size_t t = 0; t < tiles; t++, from += channels) {
    size_t at = columns[t] * channels;
    for (size_t c = 0; c < channels; c += LANES, at += LANES) {
      v8 down[2][4];
      UNROLL for (int j = 0; j < 4; j++) {
        v8 m[4];
        UNROLL for (int i = 0; i < 4; i++) m[i] = *(const v8 *)(from + (4 * i + j) * stride + c);
        down[0][j] = m[0] + m[1] + m[2], down[1][j] = m[1] - m[2] - m[3];
      }
      UNROLL for (int i = 0; i < 2; i++) {
        v8 *m = down[i];
        float *out = (i ? lower : upper) + at;
        *(v8 *)out = m[0] + m[1] + m[2], *(v8 *)(out + step * channels) = m[1] - m[2] - m[3];
      }
    }
  }
}

// Half the sum of the outer weights, give or take half the middle one.
#define WEIGHTS(g0, g1, g2, to0, to1, to2, to3) \
  to0 = g0, to1 = 0.5f * (g0 + g2) + 0.5f * g1, to2 = 0.5f * (g0 + g2) - 0.5f * g1, to3 = g2

CK_CLONES void ck_winograd_filters(CKWinogradFilters from, size_t k, size_t n, size_t first, size_t panels, float *to,
                                   size_t stride) {
  size_t width = ck_packed_panel();
  for (size_t k0 = 0; k0 < k; k0 += CK_PACKED_DEPTH) {
    size_t depth = k - k0 < CK_PACKED_DEPTH ? k - k0 : CK_PACKED_DEPTH;
    for (size_t p = first; p < first + panels; p++) {
      size_t columns = n - p * width < width ? n - p * width : width;
      float *panel = to + ck_packed_count(k0, n) + p * depth * width;
      for (size_t i = 0; i < depth; i++, panel += width) {
        const float *taps = from.taps + (k0 + i) * from.k_stride + p * width * from.n_stride;
        float side[9][MOST_PANEL] = {{0}};
        for (size_t j = 0; j < columns; j++, taps += from.n_stride)
          UNROLL for (int tap = 0; tap < 9; tap++) side[from.turned ? 8 - tap : tap][j] = taps[tap];
        for (size_t j = 0; j < width; j += LANES) {
          v8 down[4][3];
          UNROLL for (int b = 0; b < 3; b++) {
            v8 g0 = *(v8 *)(side[b] + j), g1 = *(v8 *)(side[3 + b] + j), g2 = *(v8 *)(side[6 + b] + j);
            WEIGHTS(g0, g1, g2, down[0][b], down[1][b], down[2][b], down[3][b]);
          }
          UNROLL for (int a = 0; a < 4; a++) {
            v8 *g = down[a];
            float *out = panel + 4 * a * stride + j;
            WEIGHTS(g[0], g[1], g[2], *(v8 *)out, *(v8 *)(out + stride), *(v8 *)(out + 2 * stride),
                    *(v8 *)(out + 3 * stride));
          }
        }
      }
    }
  }
}

CK_CLONES void ck_winograd_taps(const float *from, size_t stride, size_t count, float *to) {
  for (size_t c = 0; c < count; c += LANES, to += 9 * LANES) {
    v8 down[3][4];
    UNROLL for (int j = 0; j < 4; j++) {
      v8 m[4];
      UNROLL for (int i = 0; i < 4; i++) m[i] = *(const v8 *)(from + (4 * i + j) * stride + c);
      v8 outer = 0.5f * (m[1] + m[2]);
      down[0][j] = m[0] + outer, down[1][j] = 0.5f * (m[1] - m[2]), down[2][j] = outer + m[3];
    }
    UNROLL for (int a = 0; a < 3; a++) {
      v8 *m = down[a], outer = 0.5f * (m[1] + m[2]);
      v8 taps[3] = {m[0] + outer, 0.5f * (m[1] - m[2]), outer + m[3]};
      UNROLL for (int b = 0; b < 3; b++) UNROLL for (int i = 0; i < LANES; i++) to[9 * i + 3 * a + b] = taps[b][i];
    }
  }
}
