#include "CKernels.h"
#include "product_tile.h"
#include "turn.h"
#include <string.h>

// The product of filters with the windows of an image, which need not be made into a matrix: a tile's rows of B are read
// where they stand in the image, sixteen places side by side. Only the filters are packed, a tile's numbers for one tap
// next to each other.

enum { DEPTH = CK_PACKED_DEPTH };

static size_t height(void) { return HAS_WIDE ? TALL : NARROW_TALL; }

size_t ck_filters_count(size_t m, size_t k) { return (m + height() - 1) / height() * height() * k; }

// Where tile t of `tiles` begins: they are of nearly the same height.
INLINE size_t begin(size_t t, size_t tiles, size_t m) { return t * (m / tiles) + (t < m % tiles ? t : m % tiles); }

void ck_filters_pack(const float *w, size_t m, size_t k, size_t k0, float *packed) {
  size_t tall = height(), tiles = (m + tall - 1) / tall, depth = k - k0 < DEPTH ? k - k0 : DEPTH;
  packed += tiles * tall * k0;
  for (size_t t = 0; t < tiles; t++, packed += depth * tall) {
    size_t first = begin(t, tiles, m), rows = begin(t + 1, tiles, m) - first;
    turn_all(w + first * k + k0, k, rows, depth, packed, tall);
  }
}

// All filters against the windows of one panel of places.
INLINE void filters(const int tallest, const int vecs, CKFilters w, size_t k0, size_t depth, const float *image,
                    const size_t *taps, size_t places, const float *plus, float *c, size_t ldc) {
  size_t tiles = (w.count + tallest - 1) / tallest;
  const float *packed = w.numbers + tiles * tallest * k0;
  for (size_t p = 0; p < places; p += 16 * vecs) {
    for (size_t t = 0; t < tiles; t++, packed += depth * tallest) {
      size_t first = begin(t, tiles, w.count), rows = begin(t + 1, tiles, w.count) - first;
      // Meanwhile, what the next panel will see.
      for (size_t k = depth * t / tiles; k < depth * (t + 1) / tiles; k++)
        for (int j = 0; j < vecs; j++) __builtin_prefetch(image + taps[k0 + k] + p + 16 * (vecs + j));
      float *out = c + first * ldc + p;
      switch (rows) {
#define CASE(R) \
  case R: \
    if (R <= tallest) \
      tile(R, vecs, packed, 1, tallest, image + p, taps + k0, 1, depth, out, ldc, k0 > 0, plus ? plus + first : 0); \
    break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#undef CASE
      }
    }
    packed -= tiles * tallest * depth;
  }
}

WIDE static void wide_windows(CKFilters w, size_t k0, size_t depth, const float *image, const size_t *taps,
                              size_t places, const float *plus, float *c, size_t ldc) {
  filters(TALL, 2, w, k0, depth, image, taps, places, plus, c, ldc);
}
NARROW static void narrow_windows(CKFilters w, size_t k0, size_t depth, const float *image, const size_t *taps,
                                  size_t places, const float *plus, float *c, size_t ldc) {
  filters(NARROW_TALL, 1, w, k0, depth, image, taps, places, plus, c, ldc);
}

void ck_windows_product(CKFilters w, const float *image, const size_t *taps, size_t places, const float *bias, float *c,
                        size_t ldc) {
  for (size_t k0 = 0; k0 < w.taps; k0 += DEPTH) {
    size_t depth = w.taps - k0 < DEPTH ? w.taps - k0 : DEPTH;
    const float *plus = k0 + depth < w.taps ? 0 : bias;
    (HAS_WIDE ? wide_windows : narrow_windows)(w, k0, depth, image, taps, places, plus, c, ldc);
  }
}

CK_CLONES void ck_add_bias_rows(const float *from, size_t apart, size_t rows, size_t width, float bias, float *to) {
  for (size_t i = 0; i < rows; i++, from += apart, to += width)
    for (size_t j = 0; j < width; j++) to[j] = from[j] + bias;
}
