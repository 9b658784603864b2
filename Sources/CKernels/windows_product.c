#include "CKernels.h"
#include "product_tile.h"
#include "window_panels.h"

// The product of filters with the windows of images, which need not be made into a matrix: where the places of a panel
// stand side by side, a tile's rows of B are read in the image itself. Where a row ends within a panel, its windows are
// copied first. The filters are packed, a tile's numbers for one tap next to each other.

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

// The windows of one panel of places, for taps k0 to k0 + depth: its rows of B stand in the image, each tap's from `taps`
// on, or follow each other.
typedef struct {
  const float *numbers;
  const size_t *taps;
  size_t k0, depth;
  // What is fetched meanwhile, if there is a panel after this one: its fresh taps.
  const float *next;
  const size_t *fresh, *fresh_end;
  float *to;
  size_t apart;
} Windows;

// Asks for a line of the next panel. One of 32 columns fills the first cache by itself, so the next one is to come no
// nearer than the second: for 1 x 1 windows, 15 % less time. (With half as many columns, 2 % more.)
INLINE void fetch(const int is_wide, const float *line) {
  if (is_wide) {
    __builtin_prefetch(line, 0, 2);
  } else {
    __builtin_prefetch(line);
  }
}

// All filters against the windows of a panel.
INLINE void filters(const int tallest, const int vecs, const int folded, const int is_scattered, CKFilters w,
                    const Windows *at, const float *plus) {
  size_t tiles = tile_count(w.count, tallest), depth = at->depth;
  const size_t *fresh = at->next ? at->fresh : at->fresh_end;
  size_t at_a_time = ((size_t)(at->fresh_end - fresh) + tiles - 1) / tiles;
  const float *packed = w.numbers + tiles * tallest * at->k0;
  for (size_t t = 0; t < tiles; t++, packed += depth * tallest) {
    size_t first = tile_begin(t, tiles, w.count), rows = tile_begin(t + 1, tiles, w.count) - first;
    for (size_t i = 0; i < at_a_time && fresh < at->fresh_end; i++, fresh++)
      for (int j = 0; j < vecs; j++) fetch(vecs > 1, at->next + *fresh + 16 * j);
    tile_of(rows, tallest, vecs, folded, packed, 1, tallest, at->numbers, at->taps, is_scattered, depth,
            at->to + first * at->apart, at->apart, at->k0 > 0, plus ? plus + first : 0);
  }
}

#define ARGUMENTS CKFilters w, const Windows *at, const float *plus
typedef void panel_kernel(ARGUMENTS);
WIDE static void wide_standing(ARGUMENTS) { filters(TALL, 2, 0, 1, w, at, plus); }
WIDE static void wide_copied(ARGUMENTS) { filters(TALL, 2, 0, 0, w, at, plus); }
WIDE static void folded_standing(ARGUMENTS) { filters(TALL, 2, 1, 1, w, at, plus); }
WIDE static void folded_copied(ARGUMENTS) { filters(TALL, 2, 1, 0, w, at, plus); }
NARROW static void narrow_standing(ARGUMENTS) { filters(NARROW_TALL, 1, 0, 1, w, at, plus); }
NARROW static void narrow_copied(ARGUMENTS) { filters(NARROW_TALL, 1, 0, 0, w, at, plus); }

void ck_windows_product(CKFilters w, CKTaps taps, CKPlaces at, size_t first, size_t count, const float *bias,
                        float *sums) {
  if (w.count == 0) return;
  panel_kernel *standing = FOLDS ? folded_standing : HAS_WIDE ? wide_standing : narrow_standing;
  panel_kernel *copied = FOLDS ? folded_copied : HAS_WIDE ? wide_copied : narrow_copied;
  float copy[DEPTH * WIDE_PANEL + CHUNK] __attribute__((aligned(64)));
  Panel panels[CK_MOST_PANELS];
  Run runs[MOST_RUNS];
  size_t width = ck_packed_panel(), found = find_panels(&at, first, count, w.count, width, sums, panels, runs);
  for (size_t p = 0; w.taps == 0 && p < found; p++)
    for (size_t o = 0; o < w.count; o++)
      for (size_t j = 0; j < width; j++) panels[p].to[o * panels[p].apart + j] = bias ? bias[o] : 0;
  // What is packed of the filters for a block of taps stays in the second cache, panel after panel.
  for (size_t k0 = 0; k0 < w.taps; k0 += DEPTH) {
    size_t depth = w.taps - k0 < DEPTH ? w.taps - k0 : DEPTH;
    const float *plus = k0 + depth < w.taps ? 0 : bias;
    const size_t *fresh = taps.fresh + taps.fresh_count * k0 / w.taps;
    const size_t *fresh_end = taps.fresh + taps.fresh_count * (k0 + depth) / w.taps;
    for (size_t p = 0; p < found; p++) {
      const Panel *here = panels + p, *then = p + 1 < found ? here + 1 : 0;
      const float *next = !then ? 0 : then->from ? then->from : then->runs->from;
      Windows windows = {here->from, taps.at + k0, k0, depth, next, fresh, fresh_end, here->to, here->apart};
      if (here->from) {
        standing(w, &windows, plus);
      } else {
        copy_windows(width, here, taps.at + k0, depth, at.exactly, copy);
        windows.numbers = copy;
        copied(w, &windows, plus);
      }
    }
  }
  for (size_t p = 0; p < found; p++)
    if (!panels[p].is_straight) finish(&at, panels[p], w.count, width);
}
