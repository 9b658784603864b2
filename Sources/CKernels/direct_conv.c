#include "CKernelsDirect.h"
#include "CKernels.h"
#include "wide.h"
#include <string.h>

// The convolution as its definition says, for a network's first layer: with one input channel there is nothing to
// gain from transforms, for fifteen of sixteen lanes would be empty. Here a lane is a column of the output.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vf __attribute__((vector_size(64)));
typedef float vf_any __attribute__((vector_size(64), aligned(4), may_alias));
typedef float v8_any __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(64)));
typedef int32_t i8_any __attribute__((vector_size(32), aligned(4), may_alias));
typedef uint8_t b8_any __attribute__((vector_size(8), aligned(1), may_alias));
typedef uint8_t b16 __attribute__((vector_size(16)));

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define EVEN(a, b) SHUFFLE(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) SHUFFLE(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define LATER(a, b) SHUFFLE(a, b, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
#define EARLIER(a, b) SHUFFLE(a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
#define LOW(a) SHUFFLE(a, a, 0, 1, 2, 3, 4, 5, 6, 7)
#define HIGH(a) SHUFFLE(a, a, 8, 9, 10, 11, 12, 13, 14, 15)

INLINE void copy(float *to, const float *from, size_t n) {
  for (size_t i = 0; i < n; i++) to[i] = from[i];
}

// The best of four, its place 0...3 or 4 where ReLU cuts it off, for 8 columns of two maps.
INLINE void pool(const vf *top, const vf *bottom, const vf *top2, const vf *bottom2, vf *y, b16 *route) {
  vf best = EVEN(*top, *top2), v;
  vi where = {0}, take;
#define TAKE(candidate, place)                       \
  v = candidate;                                     \
  take = (v > best) | (v != v);                      \
  best = (vf)((take & (vi)v) | (~take & (vi)best));  \
  where = (take & place) | (~take & where);
  TAKE(ODD(*top, *top2), 1)
  TAKE(EVEN(*bottom, *bottom2), 2)
  TAKE(ODD(*bottom, *bottom2), 3)
  take = best <= 0.0f;
  where = (take & 4) | (~take & where);
  *y = (vf)(~(best < 0.0f) & (vi)best);
  *route = __builtin_convertvector(where, b16);
}

// Filters that are computed at once with AVX-512 are packed: their numbers for one tap side by side.
enum { PACKED = 8 };

// Two rows of some maps, pooled.
INLINE void pooled(const int filters, CKDirect g, const vf *top, const vf *bottom, size_t row, size_t column, float *y,
                   uint8_t *route) {
  size_t h2 = g.outputHeight / 2, w2 = g.outputWidth / 2, at = row / 2 * w2 + column / 2, map = h2 * w2;
  UNROLL for (int o = 0; o < filters; o += 2) {
    int next = o + 1 < filters ? o + 1 : o;
    vf best;
    b16 where;
    pool(top + o, bottom + o, top + next, bottom + next, &best, &where);
    if (w2 >= 8) {
      *(v8_any *)(y + o * map + at) = LOW(best), *(b8_any *)(route + o * map + at) = LOW(where);
      *(v8_any *)(y + next * map + at) = HIGH(best), *(b8_any *)(route + next * map + at) = HIGH(where);
    } else {
      float *each = (float *)&best;
      copy(y + o * map + at, each, w2), copy(y + next * map + at, each + 8, w2);
      memcpy(route + o * map + at, &where, w2), memcpy(route + next * map + at, (uint8_t *)&where + 8, w2);
    }
  }
}

// Two rows of maps that are narrower than a vector.
INLINE void narrow(const int filters, CKDirect g, const vf *top, const vf *bottom, size_t row, float *y) {
  UNROLL for (int o = 0; o < filters; o++) {
    float *to = y + (o * g.outputHeight + row) * g.outputWidth;
    copy(to, (const float *)(top + o), g.outputWidth);
    if (row + 1 < g.outputHeight) copy(to + g.outputWidth, (const float *)(bottom + o), g.outputWidth);
  }
}

// `filters` maps, two rows, sixteen columns from `column` on. With `folded`, multiplications read their filter's number
// themselves; see `product_tile.h`.
INLINE void forward_block(const int filters, const int folded, CKDirect g, const float *x, const float *w,
                          const float *bias, size_t row, size_t column, float *y, uint8_t *route) {
  // Sums stay in registers only while nothing takes their address: 2.8 times as fast as adding to `top`, whose address is
  // taken below (the first layer, 64 images: 0.45 ms on one thread instead of 1.28). Nor are they copied where nobody
  // has to: 1.14 and 1.13 times as fast for 3 and 1 channels that are not pooled (with AVX-512, medians of five).
  vf upperSum[8], lowerSum[8];
  UNROLL for (int o = 0; o < filters; o++) upperSum[o] = lowerSum[o] = (vf){0} + (bias ? bias[o] : 0.0f);
  // Large maps are not in the cache: where the next block's results will go is fetched (5 to 10 % less time).
  if (!route)
    UNROLL for (int o = 0; o < filters; o++) {
      const float *to = y + (o * g.outputHeight + row) * g.outputWidth + column + 16;
      __builtin_prefetch(to, 1);
      __builtin_prefetch(to + g.outputWidth, 1);
    }
  size_t taps = g.channels * g.kernelHeight * g.kernelWidth;
  const size_t down = filters == PACKED ? 1 : taps, along = filters == PACKED ? PACKED : 1;
  for (size_t c = 0; c < g.channels; c++) {
    const float *line = x + (c * g.paddedHeight + row) * g.paddedWidth + column;
    for (size_t a = 0; a < g.kernelHeight; a++, line += g.paddedWidth) {
      for (size_t b = 0; b < g.kernelWidth; b++, w += along) {
        const float *again = w;
        if (folded) __asm__("" : "+r"(w), "+r"(again));
        vf upper = *(const vf_any *)(line + b), lower = *(const vf_any *)(line + g.paddedWidth + b);
        UNROLL for (int o = 0; o < filters; o++)
          upperSum[o] += upper * w[o * down], lowerSum[o] += lower * (CK_IS_FOLDED(o) ? again : w)[o * down];
      }
    }
  }
  if (route || g.outputWidth < 16) {
    vf top[8], bottom[8];
    UNROLL for (int o = 0; o < filters; o++) top[o] = upperSum[o], bottom[o] = lowerSum[o];
    if (route) {
      pooled(filters, g, top, bottom, row, column, y, route);
    } else {
      narrow(filters, g, top, bottom, row, y);
    }
    return;
  }
  float *to = y + row * g.outputWidth + column;
  int two = row + 1 < g.outputHeight;
  UNROLL for (int o = 0; o < filters; o++, to += g.outputHeight * g.outputWidth) {
    *(vf_any *)to = upperSum[o];
    if (two) *(vf_any *)(to + g.outputWidth) = lowerSum[o];
  }
}

// All columns by whole vectors: the last one begins where it must to end with the row, and repeats some columns.
INLINE void forward_filters(const int filters, const int folded, CKDirect g, const float *x, const float *w,
                            const float *bias, float *y, uint8_t *route) {
  size_t height = route ? g.outputHeight / 2 * 2 : g.outputHeight;
  size_t width = route ? g.outputWidth / 2 * 2 : g.outputWidth;
  for (size_t row = 0; row < height; row += 2) {
    for (size_t column = 0;; column += 16) {
      if (column + 16 > width) column = width > 16 ? width - 16 : 0;
      forward_block(filters, folded, g, x, w, bias, row, column, y, route);
      if (column + 16 >= width) break;
    }
  }
}

// A depthwise convolution of 3 x 3 taps, `blocks` times sixteen columns: each row of the image is read once, for the
// three rows of the map that see it. (By two rows of a map of 28 x 28 at a time, it took 0.26 us instead of 0.15.)
// The padding of one row and column on all sides is not there: beside the `first` and the `last` columns, it is shifted in.
INLINE void depthwise_columns(const int blocks, const int first, const int last, size_t height, size_t width,
                              const float *x, const float *w, float bias, const size_t *columns, float *y) {
  const vf zero = {0};
  vf one[2], two[2];  // sums of the next row and of the one after it; the first has two rows of taps, the second one
  vf tap[9];
  UNROLL for (int k = 0; k < 9; k++) tap[k] = (vf){0} + w[k];
  UNROLL for (int j = 0; j < blocks; j++) one[j] = two[j] = (vf){0} + bias;
  for (size_t i = 0; i < height; i++, x += width) {
    UNROLL for (int j = 0; j < blocks; j++) {
      const float *line = x + columns[j];
      vf row[3], sums[3] = {(vf){0} + bias, two[j], one[j]};
      row[1] = *(const vf_any *)line;
      row[0] = first && j == 0 ? LATER(row[1], zero) : *(const vf_any *)(line - 1);
      row[2] = last && j == blocks - 1 ? EARLIER(row[1], zero) : *(const vf_any *)(line + 1);
      UNROLL for (int b = 0; b < 3; b++) UNROLL for (int a = 0; a < 3; a++) sums[a] += row[b] * tap[3 * a + b];
      two[j] = sums[0], one[j] = sums[1];
      if (i > 0) *(vf_any *)(y + (i - 1) * width + columns[j]) = sums[2];
    }
  }
  UNROLL for (int j = 0; j < blocks; j++) *(vf_any *)(y + (height - 1) * width + columns[j]) = one[j];
}

// `blocks` at once. The last sixteen columns end with the row, and repeat some.
INLINE void depthwise(const int blocks, size_t height, size_t width, const float *x, const float *w, float bias,
                      float *y) {
  size_t last = width - 16;
  for (size_t column = 0; column < width; column += 16 * blocks) {
    size_t columns[2] = {column < last ? column : last, column + 16 < last ? column + 16 : last};
    const int here = blocks == 1 || columns[0] == columns[1] ? 1 : 2;
    const int is_first = column == 0, is_last = columns[here - 1] == last;
#define COLUMNS(blocks, first, last)                         \
  if (here == blocks && is_first == first && is_last == last) \
    depthwise_columns(blocks, first, last, height, width, x, w, bias, columns, y);
    COLUMNS(1, 0, 0) COLUMNS(1, 0, 1) COLUMNS(1, 1, 0) COLUMNS(1, 1, 1)
    COLUMNS(2, 0, 0) COLUMNS(2, 0, 1) COLUMNS(2, 1, 0) COLUMNS(2, 1, 1)
#undef COLUMNS
  }
}

INLINE void forward(const int most, const int folded, CKDirect g, const float *x, const float *w, const float *bias,
                    float *y, uint8_t *route) {
  size_t taps = g.channels * g.kernelHeight * g.kernelWidth, o = 0;
  size_t map = route ? (g.outputHeight / 2) * (g.outputWidth / 2) : g.outputHeight * g.outputWidth;
#define FILTERS(n, folded)                                                                                        \
  for (; o + n <= g.filters; o += n)                                                                               \
    forward_filters(n, folded, g, x, w + o * taps, bias ? bias + o : 0, y + o * map, route ? route + o * map : 0);
  // A depthwise convolution, of sizes that the compiler knows: it unrolls the nine taps.
  if (g.filters == 1 && g.channels == 1 && g.kernelHeight == 3 && g.kernelWidth == 3 && !route) {
    g.channels = 1, g.kernelHeight = 3, g.kernelWidth = 3;
    return forward_filters(1, 0, g, x, w, bias, y, route);
  }
  FILTERS(most, folded)
  FILTERS(2, 0)
  FILTERS(1, 0)
}

// The gradient at the raw maps of some filters: rows of whole vectors, zero beyond their end; and its sum.
INLINE void upstream(const int filters, CKDirect g, const float *dy, const uint8_t *route, float *rows, float *db) {
  size_t wide = (g.outputWidth + 15) / 16 * 16, area = g.outputHeight * wide;
  if (!route) {
    for (int o = 0; o < filters; o++) {
      for (size_t i = 0; i < g.outputHeight; i++) {
        float *to = rows + o * area + i * wide;
        memcpy(to, dy + (o * g.outputHeight + i) * g.outputWidth, g.outputWidth * sizeof(float));
        for (size_t j = g.outputWidth; j < wide; j++) to[j] = 0;
      }
    }
  } else {
    size_t h2 = g.outputHeight / 2, w2 = g.outputWidth / 2;
    const vi parity = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    const i8_any place = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int o = 0; o < filters; o++) {
      for (size_t i = 0; i < g.outputHeight; i++) {
        if (i / 2 >= h2) {
          memset(rows + o * area + i * wide, 0, wide * sizeof(float));
          continue;
        }
        if (i % 2) continue;
        const float *from = dy + (o * h2 + i / 2) * w2;
        const uint8_t *cells = route + (o * h2 + i / 2) * w2;
        for (size_t j = 0; j < wide; j += 16) {
          v8_any up = {0};
          b8_any cell = {0};
          size_t left = j / 2 < w2 ? w2 - j / 2 : 0, following = (filters - o) * h2 * w2 - i / 2 * w2 - j / 2;
          if (left >= 8) {
            up = *(const v8_any *)(from + j / 2), cell = *(const b8_any *)(cells + j / 2);
          } else if (following >= 8) {  // what lies beyond the row is read with it, and cut off
            up = *(const v8_any *)(from + j / 2), cell = *(const b8_any *)(cells + j / 2);
            up = (v8_any)((place < (int32_t)left) & (i8_any)up);
          } else {
            for (size_t k = 0; k < left; k++) up[k] = from[j / 2 + k], cell[k] = cells[j / 2 + k];
          }
          vf each = SHUFFLE(up, up, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
          vi at = __builtin_convertvector(SHUFFLE(cell, cell, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7), vi);
          vf *to = (vf *)(rows + o * area + i * wide + j);
          to[0] = (vf)((at == parity) & (vi)each);
          *(vf *)((float *)to + wide) = (vf)((at == parity + 2) & (vi)each);
        }
      }
    }
  }
  for (int o = 0; o < filters; o++) {
    vf even = *(vf *)(db + 16 * o), odd = {0};
    size_t k = 0;
    for (; k + 32 <= area; k += 32) even += *(vf *)(rows + o * area + k), odd += *(vf *)(rows + o * area + k + 16);
    if (k < area) even += *(vf *)(rows + o * area + k);
    *(vf *)(db + 16 * o) = even + odd;
  }
}

// Sums of products of rows of dy and shifted rows of x, one of each filter and tap of a kernel's row in a register.
INLINE void backward_filters(const int filters, const int taps, CKDirect g, const float *x, const float *dy,
                             const uint8_t *route, float *rows, float *dw, float *db) {
  size_t wide = (g.outputWidth + 15) / 16 * 16, area = g.outputHeight * wide;
  size_t all = g.channels * g.kernelHeight * taps;
  upstream(filters, g, dy, route, rows, db);
  for (size_t c = 0; c < g.channels; c++) {
    for (size_t a = 0; a < g.kernelHeight; a++) {
      float *sums = dw + (c * g.kernelHeight + a) * taps * 16;
      vf sum[4][5];
      UNROLL for (int o = 0; o < filters; o++) UNROLL for (int b = 0; b < taps; b++)
        sum[o][b] = *(vf *)(sums + (o * all + b) * 16);
      const float *line = x + (c * g.paddedHeight + a) * g.paddedWidth;
      for (size_t i = 0; i < g.outputHeight; i++, line += g.paddedWidth) {
        for (size_t j = 0; j < wide; j += 16) {
          vf up[4];
          UNROLL for (int o = 0; o < filters; o++) up[o] = *(vf *)(rows + o * area + i * wide + j);
          UNROLL for (int b = 0; b < taps; b++) {
            vf window = *(const vf_any *)(line + j + b);
            UNROLL for (int o = 0; o < filters; o++) sum[o][b] += up[o] * window;
          }
        }
      }
      UNROLL for (int o = 0; o < filters; o++) UNROLL for (int b = 0; b < taps; b++)
        *(vf *)(sums + (o * all + b) * 16) = sum[o][b];
    }
  }
}

// The same with sixteen registers of eight lanes: both filters' products with a window that is read once, for one half
// of the lanes and then for the other.
INLINE void backward_pair(const int taps, CKDirect g, const float *x, const float *dy, const uint8_t *route,
                          float *rows, float *dw, float *db) {
  size_t wide = (g.outputWidth + 15) / 16 * 16, area = g.outputHeight * wide;
  size_t all = g.channels * g.kernelHeight * taps;
  upstream(2, g, dy, route, rows, db);
  for (size_t c = 0; c < g.channels; c++) {
    for (size_t a = 0; a < g.kernelHeight; a++) {
      for (size_t half = 0; half < 16; half += 8) {
        float *sums = dw + (c * g.kernelHeight + a) * taps * 16 + half;
        v8_any sum[2][5];
        UNROLL for (int o = 0; o < 2; o++) UNROLL for (int b = 0; b < taps; b++)
          sum[o][b] = *(v8_any *)(sums + (o * all + b) * 16);
        const float *line = x + (c * g.paddedHeight + a) * g.paddedWidth + half, *up = rows + half;
        for (size_t i = 0; i < g.outputHeight; i++, line += g.paddedWidth, up += wide) {
          for (size_t j = 0; j < wide; j += 16) {
            v8_any first = *(const v8_any *)(up + j), second = *(const v8_any *)(up + area + j);
            UNROLL for (int b = 0; b < taps; b++) {
              v8_any window = *(const v8_any *)(line + j + b);
              sum[0][b] += first * window, sum[1][b] += second * window;
            }
          }
        }
        UNROLL for (int o = 0; o < 2; o++) UNROLL for (int b = 0; b < taps; b++)
          *(v8_any *)(sums + (o * all + b) * 16) = sum[o][b];
      }
    }
  }
}

INLINE void backward(const int most, const int taps, CKDirect g, const float *x, const float *dy,
                     const uint8_t *route, float *rows, float *dw, float *db) {
  size_t all = g.channels * g.kernelHeight * taps * 16, o = 0;
  size_t map = route ? (g.outputHeight / 2) * (g.outputWidth / 2) : g.outputHeight * g.outputWidth;
#define BACKWARD(n)                                                                                        \
  for (; o + n <= g.filters; o += n)                                                                        \
    backward_filters(n, taps, g, x, dy + o * map, route ? route + o * map : 0, rows, dw + o * all, db + o * 16);
  if (most == 2) {
    for (; o + 2 <= g.filters; o += 2)
      backward_pair(taps, g, x, dy + o * map, route ? route + o * map : 0, rows, dw + o * all, db + o * 16);
  } else {
    BACKWARD(most)
  }
  BACKWARD(1)
}

// Filters at once: as many as there are registers for.
#define BACKWARD_ARGUMENTS g, x, dy, route, rows, dw, db
#define BACKWARD_PARAMETERS                                                                                  \
  CKDirect g, const float *x, const float *dy, const uint8_t *route, float *rows, float *dw, float *db
#define FORWARD_PARAMETERS                                                                                  \
  CKDirect g, const float *x, const float *w, const float *bias, float *y, uint8_t *route
#define SAME_PARAMETERS size_t height, size_t width, const float *x, const float *w, float bias, float *y

#if defined(__x86_64__) && defined(__linux__)
#define WIDEST __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define HAS_WIDEST CK_HAS_WIDE
WIDEST static void forward_widest(FORWARD_PARAMETERS) { forward(PACKED, 0, g, x, w, bias, y, route); }
WIDEST static void forward_folded(FORWARD_PARAMETERS) { forward(PACKED, 1, g, x, w, bias, y, route); }
WIDEST static void same_widest(SAME_PARAMETERS) { depthwise(2, height, width, x, w, bias, y); }
WIDEST static void backward_widest3(BACKWARD_PARAMETERS) { backward(4, 3, BACKWARD_ARGUMENTS); }
WIDEST static void backward_widest5(BACKWARD_PARAMETERS) { backward(4, 5, BACKWARD_ARGUMENTS); }
#define NARROW CK_NARROW_CLONES
#else
#define HAS_WIDEST 0
#define forward_widest forward_narrow
#define forward_folded forward_narrow
#define same_widest same_narrow
#define backward_widest3 backward_narrow3
#define backward_widest5 backward_narrow5
#define NARROW
#endif
NARROW static void forward_narrow(FORWARD_PARAMETERS) { forward(2, 0, g, x, w, bias, y, route); }
// (AVX2 has registers for one block of sixteen columns.)
NARROW static void same_narrow(SAME_PARAMETERS) { depthwise(1, height, width, x, w, bias, y); }
NARROW static void backward_narrow3(BACKWARD_PARAMETERS) { backward(2, 3, BACKWARD_ARGUMENTS); }
NARROW static void backward_narrow5(BACKWARD_PARAMETERS) { backward(2, 5, BACKWARD_ARGUMENTS); }

CK_CLONES void ck_direct_pad(CKDirect g, const float *image, size_t height, size_t width, size_t top, size_t left,
                             float *padded) {
  for (size_t c = 0; c < g.channels; c++) {
    float *to = padded + (c * g.paddedHeight + top) * g.paddedWidth + left;
    for (size_t i = 0; i < height; i++, image += width, to += g.paddedWidth) {
      if (width < 16) {
        copy(to, image, width);
        continue;
      }
      // Whole vectors, the last one ending with the row; no call for each row.
      for (size_t j = 0; j + 16 <= width; j += 16) *(vf_any *)(to + j) = *(const vf_any *)(image + j);
      *(vf_any *)(to + width - 16) = *(const vf_any *)(image + width - 16);
    }
  }
}

void ck_direct_pack(const float *w, size_t filters, size_t taps, float *packed) {
  size_t o = 0;
  for (; HAS_WIDEST && o + PACKED <= filters; o += PACKED)
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < PACKED; i++) packed[o * taps + t * PACKED + i] = w[(o + i) * taps + t];
  memcpy(packed + o * taps, w + o * taps, (filters - o) * taps * sizeof(float));
}

void ck_direct_forward(FORWARD_PARAMETERS) {
  (CK_FOLDS ? forward_folded : HAS_WIDEST ? forward_widest : forward_narrow)(g, x, w, bias, y, route);
}

void ck_depthwise_same(SAME_PARAMETERS) { (HAS_WIDEST ? same_widest : same_narrow)(height, width, x, w, bias, y); }

void ck_direct_backward(BACKWARD_PARAMETERS) {
  if (g.kernelWidth == 3)
    HAS_WIDEST ? backward_widest3(BACKWARD_ARGUMENTS) : backward_narrow3(BACKWARD_ARGUMENTS);
  else
    HAS_WIDEST ? backward_widest5(BACKWARD_ARGUMENTS) : backward_narrow5(BACKWARD_ARGUMENTS);
}
