#include "CKernels.h"
#include "product_tile.h"
#include "turn.h"
#include <string.h>

// The product of filters with the windows of an image, which is never made into a matrix: a tile's rows of B are read
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
    const float *from = w + first * k + k0;
    size_t whole = rows / 4 * 4, turned = depth / 4 * 4;
    for (size_t i = 0; i < whole; i += 4)
      for (size_t j = 0; j < turned; j += 4) turn(from + i * k + j, k, packed + j * tall + i, tall);
    for (size_t j = 0; j < depth; j++)
      for (size_t i = j < turned ? whole : 0; i < rows; i++) packed[j * tall + i] = from[i * k + j];
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
    (HAS_WIDE ? wide_windows : narrow_windows)(w, k0, depth, image, taps, places,
                                                     k0 + depth < w.taps ? 0 : bias, c, ldc);
  }
}

// Four numbers at a time: an image's row is often too short for wider vectors.
// Numbers `step` apart in a row of the image, from the first on, as neighbours.
INLINE void gather(const size_t step, const float *row, size_t count, float *to) {
  if (step == 1) {
    memcpy(to, row, count * sizeof(float));
  } else {
    for (size_t k = 0; k < count; k++) to[k] = row[k * step];
  }
}

// All the numbers of a row where their step is 2 or 4: at once, so that each is read once. Number i goes to run i % step.
INLINE void deal(const size_t step, const float *row, float *const *to, size_t width) {
  size_t k = 0;
  for (; step == 2 && 2 * k + 8 <= width; k += 4) {
    four a = *(const four *)(row + 2 * k), b = *(const four *)(row + 2 * k + 4);
    *(four *)(to[0] + k) = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    *(four *)(to[1] + k) = __builtin_shufflevector(a, b, 1, 3, 5, 7);
  }
  for (; step == 4 && 4 * k + 16 <= width; k += 4) {
    const float *from = row + 4 * k;
    four a = *(const four *)from, b = *(const four *)(from + 4);
    four c = *(const four *)(from + 8), d = *(const four *)(from + 12);
    four low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    *(four *)(to[0] + k) = __builtin_shufflevector(low, high, 0, 1, 4, 5);
    *(four *)(to[1] + k) = __builtin_shufflevector(low, high, 2, 3, 6, 7);
    low = __builtin_shufflevector(a, b, 2, 6, 3, 7), high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(four *)(to[2] + k) = __builtin_shufflevector(low, high, 0, 1, 4, 5);
    *(four *)(to[3] + k) = __builtin_shufflevector(low, high, 2, 3, 6, 7);
  }
  for (size_t i = step * k; i < width; i++) to[i % step][i / step] = row[i];
}

// Where the numbers of a row of the image lie that are `right` apart, from column j on.
typedef struct {
  size_t offset, count;
  int is_seen;
} Run;

// The next row of the image: its row in the planes, and which of `down` it is there. Divisions, one for each short row,
// would take longer than the copying.
typedef struct {
  size_t row, phase;
} PlaneRow;

INLINE void advance(PlaneRow *at, const CKPlanes *g) {
  if (++at->phase < g->down) return;
  at->phase = 0;
  at->row++;
}

// For each row of each channel of the image: ACT, for each run in it.
#define EACH_RUN(ACT) \
  const size_t plane = g->plane_height * g->plane_width, whole = g->width / g->right, rest = g->width % g->right; \
  const PlaneRow first_row = {g->above / g->down, g->above % g->down}; \
  const size_t first_column = g->left / g->right, first_phase = g->left % g->right; \
  for (size_t c = 0; c < g->channels; c++, planes += g->planes * plane) { \
    PlaneRow at = first_row; \
    for (size_t i = 0; i < g->height; i++, image += g->width, advance(&at, g)) { \
      const int *numbers = g->number + at.phase * g->right; \
      size_t phase = first_phase, column = first_column; \
      for (size_t j = 0; j < g->right && j < g->width; j++) { \
        int number = numbers[phase]; \
        Run run = {(number < 0 ? 0 : number) * plane + at.row * g->plane_width + column, whole + (j < rest), number >= 0}; \
        if (++phase == g->right) phase = 0, column++; \
        ACT; \
      } \
      END_OF_ROW; \
    } \
  }

INLINE void split(const size_t step, const CKPlanes *g, const float *image, float *planes) {
#define END_OF_ROW
  EACH_RUN(if (run.is_seen) gather(step, image + j, run.count, planes + run.offset))
#undef END_OF_ROW
}

// With a step of 2 or 4: runs that no window sees go to `nowhere`, as long as a row of the planes.
INLINE void split_at_once(const size_t step, const CKPlanes *g, const float *image, float *planes, float *nowhere) {
  float *to[4] = {nowhere, nowhere, nowhere, nowhere};
  int seen = 0;
#define END_OF_ROW \
  if (seen) deal(step, image, to, g->width); \
  seen = 0
  EACH_RUN({
    to[j] = run.is_seen ? planes + run.offset : nowhere;
    seen |= run.is_seen;
  })
#undef END_OF_ROW
}

CK_CLONES void ck_split_planes(const CKPlanes *g, const float *image, float *planes) {
  float nowhere[1024];
  int fits = g->plane_width <= sizeof nowhere / sizeof *nowhere;
  switch (g->right) {
    case 1: split(1, g, image, planes); break;
    case 2: fits ? split_at_once(2, g, image, planes, nowhere) : split(2, g, image, planes); break;
    case 4: fits ? split_at_once(4, g, image, planes, nowhere) : split(4, g, image, planes); break;
    default: split(g->right, g, image, planes);
  }
}

// The way back: `from`, or zeros where there is no plane, goes to numbers `step` apart.
INLINE void scatter(const size_t step, const float *from, size_t count, float *row) {
  if (from) {
    for (size_t k = 0; k < count; k++) row[k * step] = from[k];
  } else {
    for (size_t k = 0; k < count; k++) row[k * step] = 0;
  }
}

// Both columns of a stride of two at once.
INLINE void interleave(const float *even, size_t evens, const float *odd, size_t odds, float *row) {
  size_t k = 0;
  for (; k + 4 <= odds; k += 4) {
    four a = even ? *(const four *)(even + k) : (four){0}, b = odd ? *(const four *)(odd + k) : (four){0};
    *(four *)(row + 2 * k) = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    *(four *)(row + 2 * k + 4) = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  }
  for (; k < odds; k++) {
    row[2 * k] = even ? even[k] : 0;
    row[2 * k + 1] = odd ? odd[k] : 0;
  }
  if (k < evens) row[2 * k] = even ? even[k] : 0;
}

INLINE void join(const size_t step, const CKPlanes *g, const float *planes, float *image) {
#define END_OF_ROW
  EACH_RUN(scatter(step, run.is_seen ? planes + run.offset : 0, run.count, image + j))
#undef END_OF_ROW
}

INLINE void join_two(const CKPlanes *g, const float *planes, float *image) {
  Run runs[2] = {{0}};
#define END_OF_ROW \
  interleave(runs[0].is_seen ? planes + runs[0].offset : 0, runs[0].count, \
             runs[1].is_seen ? planes + runs[1].offset : 0, runs[1].count, image)
  EACH_RUN(runs[j] = run)
#undef END_OF_ROW
}

CK_CLONES void ck_join_planes(const CKPlanes *g, const float *planes, float *image) {
  switch (g->right) {
    case 1: join(1, g, planes, image); break;
    case 2: join_two(g, planes, image); break;
    case 4: join(4, g, planes, image); break;
    default: join(g->right, g, planes, image);
  }
}

CK_CLONES void ck_add_bias_rows(const float *from, size_t apart, size_t rows, size_t width, float bias, float *to) {
  for (size_t i = 0; i < rows; i++, from += apart, to += width)
    for (size_t j = 0; j < width; j++) to[j] = from[j] + bias;
}
