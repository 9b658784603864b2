#include "CKernels.h"
#include "product_tile.h"
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
// With two weights, the same four numbers d give three sums by four products in place of six:
//
//     m0 = (d0 - d2) g0                     y0 = d0 g0 + d1 g1 = m0 + m1 + m2
//     m1 = (d1 + d2) (g0 + g1) / 2          y1 = d1 g0 + d2 g1 = m1 - m2
//     m2 = (d2 - d1) (g0 - g1) / 2          y2 = d2 g0 + d3 g1 = m1 + m2 - m3
//     m3 = (d1 - d3) g1
//
// A window of 4 that steps by two sees two of the even numbers and two of the odd ones; a window of 3, two and one,
// and then the odd ones need no m3. Here d2 is in y0 and d1 in y2, whose windows do not see them: but for rounding,
// they cancel.
//
// Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", arXiv 1509.09308.

#define UNROLL _Pragma("clang loop unroll(full)")

enum { LANES = CK_WINOGRAD_LANES };
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

// How large eight numbers are, added to the sums of their magnitudes and compared with the largest.
INLINE void add_magnitudes(const v8 *x, v8 *sum, v8 *most) {
  v8 size = (v8)(*(const i8 *)x & 0x7fffffff);
  i8 larger = size > *most;
  *sum += size;
  *most = (v8)((larger & (i8)size) | (~larger & (i8)*most));
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
      UNROLL for (int i = 0; i < LANES; i++) add_magnitudes(&block[i], &total, &largest);
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
CK_CLONES size_t ck_winograd_uneven(CKWinogradWindows of, size_t count, float *restrict room,
                                    uint8_t *restrict uneven) {
  size_t whole = of.width + 2 * CK_WINOGRAD_MARGIN;
  float *restrict seen = room, *restrict near = room + whole, *restrict top = room + 2 * whole;
  memset(room, 0, 3 * whole * sizeof(float));
  for (size_t i = 0; i < of.row_count; i++) {
    const float *sum = of.sums + of.rows[i] - CK_WINOGRAD_MARGIN, *most = of.most + of.rows[i] - CK_WINOGRAD_MARGIN;
    for (size_t j = 0; j < whole; j++) {
      near[j] += sum[j];
      top[j] = most[j] > top[j] ? most[j] : top[j];
    }
    if (i < of.seen_rows[0] || i >= of.seen_rows[1]) continue;
    for (size_t j = 0; j < whole; j++) seen[j] += sum[j];
  }
  size_t found = 0, end = (count - 1) * of.apart + 1;
  for (size_t j = 0; j < end; j += LANES) {
    const float *own = seen + CK_WINOGRAD_MARGIN + j, *sums = near + CK_WINOGRAD_MARGIN + j - of.before;
    const float *tops = top + CK_WINOGRAD_MARGIN + j - of.before;
    v8 mine = {0}, all = {0}, most = {0};
    for (size_t k = 0; k < of.seen_columns; k++) mine += *(const v8 *)(own + k * of.step);
    for (size_t k = 0; k < of.columns; k++) {
      v8 here = *(const v8 *)(tops + k * of.step);
      i8 larger = here > most;
      all += *(const v8 *)(sums + k * of.step);
      most = (v8)((larger & (i8)here) | (~larger & (i8)most));
    }
    i8 is = (all != 0) & (~(of.even * most * (all / mine) <= mine) | ~(all < 1e37f));
    UNROLL for (size_t k = 0; k < LANES; k++) {
      uneven[j + k] = is[k] != 0;
      found += is[k] != 0 && j + k < end;
    }
  }
  return found;
}

// Lanes of even places beside lanes of odd ones; of two phases, each takes its own.
INLINE void row_magnitudes(const float *x, size_t width, size_t phases, float *sum, float *most) {
  v8 sums[4] = {0}, tops[4] = {0};
  size_t j = 0;
  for (; j + 4 * LANES <= width; j += 4 * LANES)
    UNROLL for (int i = 0; i < 4; i++) add_magnitudes((const v8 *)(x + j + i * LANES), &sums[i], &tops[i]);
  for (; j + LANES <= width; j += LANES) add_magnitudes((const v8 *)(x + j), &sums[0], &tops[0]);
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (size_t k = 0; k < LANES; k++) {
    size_t phase = k % phases;
    sum[phase] += sums[i][k];
    most[phase] = tops[i][k] > most[phase] ? tops[i][k] : most[phase];
  }
  for (; j < width; j++) {
    float size = x[j] < 0 ? -x[j] : x[j];
    sum[j % phases] += size;
    most[j % phases] = size > most[j % phases] ? size : most[j % phases];
  }
}

CK_CLONES void ck_magnitudes(const float *x, size_t height, size_t width, size_t phases, float *sums, float *most) {
  memset(sums, 0, phases * phases * sizeof(float));
  memset(most, 0, phases * phases * sizeof(float));
  if (phases == 1) return row_magnitudes(x, height * width, 1, sums, most);
  for (size_t i = 0; i < height; i++, x += width) {
    size_t at = i % phases * phases;
    row_magnitudes(x, width, phases, sums + at, most + at);
  }
}

// B^T d, or the places of three outputs with one weight, the last of two.
INLINE void combined(const int plain, const v8 d[4], v8 m[4]) {
  if (plain) {
    m[0] = d[1], m[1] = d[2], m[2] = d[3];
  } else {
    m[0] = d[0] - d[2], m[1] = d[1] + d[2], m[2] = d[2] - d[1], m[3] = d[1] - d[3];
  }
}

INLINE void input(const int four_down, const int plain_down, const int four_across, const int plain_across,
                  CKWinogradRows from, size_t tiles, const size_t *columns, CKWinogradTiles to) {
  size_t right = from.step * from.channels;
  for (size_t t = 0; t < tiles; t++) for (size_t c = 0; c < from.channels; c += LANES) {
    size_t at = columns[t] * from.channels + c;
    v8 down[4][4];
    UNROLL for (int j = 0; j < 4; j++) {
      v8 d[4], m[4];
      UNROLL for (int i = 0; i < 4; i++) d[i] = *(const v8 *)(from.rows[i] + at + j * right);
      combined(plain_down, d, m);
      UNROLL for (int i = 0; i < 3 + four_down; i++) down[i][j] = m[i];
    }
    UNROLL for (int i = 0; i < 3 + four_down; i++) {
      v8 m[4];
      float *out = to.numbers + t * to.tile + c + 4 * i * to.product;
      combined(plain_across, down[i], m);
      UNROLL for (int j = 0; j < 3 + four_across; j++) *(v8 *)(out + j * to.product) = m[j];
    }
  }
}

CK_CLONES void ck_winograd_input(CKWinogradRows from, size_t tiles, const size_t *columns, CKWinogradTiles to) {
#define ALONG(down, across) case 3 * CK_WINOGRAD_##down + CK_WINOGRAD_##across:
#define INPUT(...) return input(__VA_ARGS__, from, tiles, columns, to)
  switch (3 * to.down + to.across) {
    ALONG(FOUR, FOUR) INPUT(1, 0, 1, 0);
    ALONG(FOUR, THREE) INPUT(1, 0, 0, 0);
    ALONG(FOUR, PLAIN) INPUT(1, 0, 0, 1);
    ALONG(THREE, FOUR) INPUT(0, 0, 1, 0);
    ALONG(THREE, THREE) INPUT(0, 0, 0, 0);
    ALONG(PLAIN, FOUR) INPUT(0, 1, 1, 0);
    ALONG(PLAIN, PLAIN) INPUT(0, 1, 0, 1);
  }
#undef INPUT
}

// A z, of two numbers or of three.
INLINE void spread(const int outputs, const v8 *z, v8 m[4]) {
  v8 outer = outputs == 2 ? z[0] : z[0] + z[2];
  m[0] = z[0], m[1] = outer + z[1], m[2] = outer - z[1], m[3] = -z[outputs - 1];
}

INLINE void upstream(const int outputs, CKWinogradRows from, size_t tiles, const size_t *columns, CKWinogradTiles to) {
  size_t right = from.step * from.channels;
  for (size_t t = 0; t < tiles; t++) for (size_t c = 0; c < from.channels; c += LANES) {
    size_t at = columns[t] * from.channels + c;
    v8 down[4][3];
    UNROLL for (int j = 0; j < outputs; j++) {
      v8 z[3], m[4];
      UNROLL for (int i = 0; i < outputs; i++) z[i] = *(const v8 *)(from.rows[i] + at + j * right);
      spread(outputs, z, m);
      UNROLL for (int i = 0; i < 4; i++) down[i][j] = m[i];
    }
    UNROLL for (int i = 0; i < 4; i++) {
      v8 m[4];
      spread(outputs, down[i], m);
      float *out = to.numbers + t * to.tile + c + 4 * i * to.product;
      UNROLL for (int j = 0; j < 4; j++) *(v8 *)(out + j * to.product) = m[j];
    }
  }
}

CK_CLONES void ck_winograd_upstream(CKWinogradRows from, int outputs, size_t tiles, const size_t *columns,
                                    CKWinogradTiles to) {
  if (outputs == 2) return upstream(2, from, tiles, columns, to);
  upstream(3, from, tiles, columns, to);
}

// A^T m
INLINE void gathered(const int outputs, const int plain, const v8 m[4], v8 y[3]) {
  if (plain) {
    y[0] = m[0], y[1] = m[1], y[2] = m[2];
    return;
  }
  y[0] = m[0] + m[1] + m[2];
  y[1] = outputs == 2 ? m[1] - m[2] - m[3] : m[1] - m[2];
  if (outputs == 3) y[2] = m[1] + m[2] - m[3];
}

INLINE void output(const int outputs, const int plain_down, const int plain_across, CKWinogradTiles from, size_t tiles,
                   const size_t *columns, CKWinogradOutputs to) {
  for (size_t t = 0; t < tiles; t++) for (size_t c = 0; c < to.channels; c += LANES) {
    size_t at = columns[t] * to.channels + c;
    v8 down[3][4];
    const float *in = from.numbers + t * from.tile + c;
    UNROLL for (int j = 0; j < 4 - plain_across; j++) {
      v8 m[4], y[3];
      UNROLL for (int i = 0; i < 4 - plain_down; i++) m[i] = *(const v8 *)(in + (4 * i + j) * from.product);
      gathered(outputs, plain_down, m, y);
      UNROLL for (int i = 0; i < outputs; i++) down[i][j] = y[i];
    }
    UNROLL for (int i = 0; i < outputs; i++) {
      v8 y[3];
      gathered(outputs, plain_across, down[i], y);
      UNROLL for (int j = 0; j < outputs; j++) *(v8 *)(to.rows[i] + at + j * to.step * to.channels) = y[j];
    }
  }
}

CK_CLONES void ck_winograd_output(CKWinogradTiles from, int outputs, size_t tiles, const size_t *columns,
                                  CKWinogradOutputs to) {
  if (outputs == 2) return output(2, 0, 0, from, tiles, columns, to);
#define OUTPUT(...) return output(3, __VA_ARGS__, from, tiles, columns, to)
  switch (3 * from.down + from.across) {
    ALONG(FOUR, FOUR) OUTPUT(0, 0);
    ALONG(FOUR, PLAIN) OUTPUT(0, 1);
    ALONG(PLAIN, FOUR) OUTPUT(1, 0);
    ALONG(PLAIN, PLAIN) OUTPUT(1, 1);
  }
#undef OUTPUT
}

// G g: with three weights, half the sum of the outer ones, give or take half the middle one; with two, of the two.
// Plain, there is one product, whose weight is the last.
INLINE void weighed(const int taps, const int plain, const v8 *g, v8 m[4]) {
  if (plain) {
    m[0] = g[taps - 1];
    return;
  }
  v8 outer = taps == 3 ? 0.5f * (g[0] + g[2]) : 0.5f * g[0], inner = 0.5f * g[1];
  m[0] = g[0], m[1] = outer + inner, m[2] = outer - inner, m[3] = g[taps - 1];
}

// One weight of a channel of eight filters, the one at `at`.
INLINE void eight_weights(CKWinogradFilters from, const float *g, ptrdiff_t at, v8 *weights) {
  *weights = (v8){0};
  if (at >= 0) UNROLL for (int j = 0; j < LANES; j++) (*weights)[j] = g[j * from.n_stride + at];
}

// The first eight of nine weights that stand one after another, forwards or backwards.
INLINE void turned_weights(CKWinogradFilters from, const float *g, v8 weights[9]) {
  int is_backward = from.at[0] > from.at[8];
  v8 block[LANES];
  UNROLL for (int j = 0; j < LANES; j++) block[j] = *(const v8 *)(g + j * from.n_stride + is_backward);
  turn(block);
  UNROLL for (int j = 0; j < LANES; j++) weights[j] = is_backward ? block[LANES - 1 - j] : block[j];
}

// A channel of eight filters; of product p, it goes to to[p] + at.
INLINE void eight_filters(const int taps, CKWinogradFilters from, const float *g, float *const to[16], size_t at) {
  v8 weights[9], down[4][3];
  int is_whole = taps == 3 && (from.at[8] - from.at[0] == 8 || from.at[0] - from.at[8] == 8);
  if (is_whole) {
    turned_weights(from, g, weights);
    eight_weights(from, g, from.at[8], &weights[8]);
  } else {
    UNROLL for (int tap = 0; tap < taps * taps; tap++) eight_weights(from, g, from.at[tap], &weights[tap]);
  }
  UNROLL for (int b = 0; b < taps; b++) {
    v8 side[3], m[4] = {0};
    UNROLL for (int a = 0; a < taps; a++) side[a] = weights[a * taps + b];
    weighed(taps, from.plain_down, side, m);
    UNROLL for (int a = 0; a < 4; a++) down[a][b] = m[a];
  }
  UNROLL for (int a = 0; a < 4; a++) {
    v8 m[4] = {0};
    weighed(taps, from.plain_across, down[a], m);
    UNROLL for (int b = 0; b < 4; b++) *(v8 *)(to[4 * a + b] + at) = m[b];
  }
}

CK_CLONES void ck_winograd_filters(CKWinogradFilters from, size_t channels, const CKWinogradPacked to[16], size_t n,
                                   size_t panel) {
  size_t width = ck_packed_panel(), filters = n - panel * width < width ? n - panel * width : width;
  // Where products go that nobody wants.
  float nowhere[LANES * WIDE_PANEL];
  for (size_t k = 0; k < channels; k += LANES) {
    // Blocks of CK_PACKED_DEPTH rows do not end between these channels.
    float *at[16];
    for (int product = 0; product < 16; product++) {
      size_t row = to[product].first + k, block = row / CK_PACKED_DEPTH * CK_PACKED_DEPTH;
      size_t depth = to[product].depth - block < CK_PACKED_DEPTH ? to[product].depth - block : CK_PACKED_DEPTH;
      float *packed = to[product].numbers;
      at[product] = packed ? packed + ck_packed_count(block, n) + (panel * depth + row - block) * width : nowhere;
    }
    for (size_t i = 0; i < LANES; i++) {
      const float *g = from.taps + (k + i) * from.k_stride;
      for (size_t j = 0; j < width; j += LANES, g += LANES * from.n_stride) {
        if (j >= filters) {
          UNROLL for (int product = 0; product < 16; product++) *(v8 *)(at[product] + i * width + j) = (v8){0};
        } else if (from.side == 3) {
          eight_filters(3, from, g, at, i * width + j);
        } else {
          eight_filters(2, from, g, at, i * width + j);
        }
      }
    }
  }
}

// G^T m
INLINE void weights(const int taps, const v8 m[4], v8 g[3]) {
  v8 outer = 0.5f * (m[1] + m[2]), inner = 0.5f * (m[1] - m[2]);
  g[0] = m[0] + outer;
  if (taps == 3) {
    g[1] = inner, g[2] = outer + m[3];
  } else {
    g[1] = inner + m[3];
  }
}

INLINE void filter_taps(const int taps, CKWinogradTiles from, size_t count, CKWinogradFilters to, float *g) {
  for (size_t c = 0; c < count; c += LANES, g += LANES * to.k_stride) {
    v8 down[3][4];
    UNROLL for (int j = 0; j < 4; j++) {
      v8 m[4], column[3];
      UNROLL for (int i = 0; i < 4; i++) {
        int wanted = (i < 3 || from.down == CK_WINOGRAD_FOUR) && (j < 3 || from.across == CK_WINOGRAD_FOUR);
        m[i] = wanted ? *(const v8 *)(from.numbers + (4 * i + j) * from.product + c) : (v8){0};
      }
      weights(taps, m, column);
      UNROLL for (int a = 0; a < taps; a++) down[a][j] = column[a];
    }
    UNROLL for (int a = 0; a < taps; a++) {
      v8 row[3];
      weights(taps, down[a], row);
      UNROLL for (int b = 0; b < taps; b++) {
        ptrdiff_t at = to.at[taps * a + b];
        if (at >= 0) UNROLL for (int i = 0; i < LANES; i++) g[i * to.k_stride + at] = row[b][i];
      }
    }
  }
}

CK_CLONES void ck_winograd_taps(CKWinogradTiles from, size_t count, CKWinogradFilters of, float *to) {
  if (of.side == 3) return filter_taps(3, from, count, of, to);
  filter_taps(2, from, count, of, to);
}
