#include "CKernels.h"
#include "product_tile.h"
#include "turn.h"
#include <string.h>

// The product of filters with the windows of an image, which need not be made into a matrix: a tile's rows of B are read
// where they stand in the image, sixteen places side by side. Only the filters are packed, a tile's numbers for one tap
// next to each other.

enum { DEPTH = CK_PACKED_DEPTH };

static size_t height(void) { return HAS_WIDE ? TALL : NARROW_TALL; }

size_t ck_filters_count(size_t m, size_t k) { return tile_count(m, height()) * height() * k; }

void ck_filters_pack(const float *w, size_t m, size_t k, size_t k0, float *packed) {
  size_t tall = height(), tiles = tile_count(m, tall), depth = k - k0 < DEPTH ? k - k0 : DEPTH;
  packed += tiles * tall * k0;
  for (size_t t = 0; t < tiles; t++, packed += depth * tall) {
    size_t first = tile_begin(t, tiles, m), rows = tile_begin(t + 1, tiles, m) - first;
    turn_all(w + first * k + k0, k, rows, depth, packed, tall);
  }
}

// All filters against the windows of one panel of places after the other.
INLINE void filters(const int tallest, const int vecs, const int folded, CKFilters w, size_t k0, size_t depth,
                    const float *image, CKTaps taps, size_t places, const float *plus, float *c, size_t ldc) {
  size_t tiles = tile_count(w.count, tallest);
  const float *packed = w.numbers + tiles * tallest * k0;
  for (size_t p = 0; p < places; p += 16 * vecs) {
    const float *next = image + p + 16 * vecs;
    size_t fresh = p + 16 * vecs < places ? taps.fresh_count : 0, at = fresh * k0 / w.taps;
    for (size_t t = 0; t < tiles; t++, packed += depth * tallest) {
      size_t first = tile_begin(t, tiles, w.count), rows = tile_begin(t + 1, tiles, w.count) - first;
      for (size_t end = fresh * (k0 + depth * (t + 1) / tiles) / w.taps; at < end; at++)
        for (int j = 0; j < vecs; j++) __builtin_prefetch(next + taps.fresh[at] + 16 * j);
      tile_of(rows, tallest, vecs, folded, packed, 1, tallest, image + p, taps.at + k0, 1, depth, c + first * ldc + p,
              ldc, k0 > 0, plus ? plus + first : 0);
    }
    packed -= tiles * tallest * depth;
  }
}

#define ARGUMENTS \
  CKFilters w, size_t k0, size_t depth, const float *image, CKTaps taps, size_t places, const float *plus, float *c, \
    size_t ldc
#define PASSED w, k0, depth, image, taps, places, plus, c, ldc
WIDE static void wide_windows(ARGUMENTS) { filters(TALL, 2, 0, PASSED); }
WIDE static void folded_windows(ARGUMENTS) { filters(TALL, 2, 1, PASSED); }
NARROW static void narrow_windows(ARGUMENTS) { filters(NARROW_TALL, 1, 0, PASSED); }

void ck_windows_product(CKFilters w, const float *image, CKTaps taps, size_t places, const float *bias, float *c,
                        size_t ldc) {
  for (size_t o = 0; w.taps == 0 && o < w.count; o++)
    for (size_t p = 0; p < places; p++) c[o * ldc + p] = bias ? bias[o] : 0;
  for (size_t k0 = 0; k0 < w.taps; k0 += DEPTH) {
    size_t depth = w.taps - k0 < DEPTH ? w.taps - k0 : DEPTH;
    const float *plus = k0 + depth < w.taps ? 0 : bias;
    (FOLDS ? folded_windows : HAS_WIDE ? wide_windows : narrow_windows)(PASSED);
  }
}

CK_CLONES void ck_add_bias_rows(const float *from, size_t apart, size_t rows, size_t width, float bias, float *to) {
  for (size_t i = 0; i < rows; i++, from += apart, to += width)
    for (size_t j = 0; j < width; j++) to[j] = from[j] + bias;
}
