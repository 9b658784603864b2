#include "CKernels.h"
#include "copied_tile.h"
#include "turn.h"
#include <string.h>

// A matrix product in the manner of Goto: the inner loop keeps a tile of C in registers, walks along K, and multiplies
// numbers of A with rows of B. B is packed into panels as wide as a tile, so that those rows lie one after another.
// Every number of C is summed over K in the same order wherever its tile begins, so the cut does not show in the bits.
//
// Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.

enum { DEPTH = CK_PACKED_DEPTH, BLOCK = 128 };
// A gradient goes through fewer rows at once, so that they, packed, and C stay in the cache beside each other: with 128
// instead of 256, 3 to 5 % less time.
enum { GRADIENT_DEPTH = CK_GRADIENT_DEPTH, STRIP = 48 };

#if defined(__x86_64__) && defined(__linux__)
int ck_narrow_only = 0, ck_folds = -1;
void ck_use_narrow(void) { ck_narrow_only = 1; }
void ck_use_folding(int folds) { __atomic_store_n(&ck_folds, folds, __ATOMIC_RELAXED); }
#else
void ck_use_narrow(void) {}
void ck_use_folding(int folds) {}
#endif
int ck_uses_wide(void) { return HAS_WIDE; }
int ck_prefers_folding(void) { return CK_PREFERS_FOLDING; }

size_t ck_packed_panel(void) { return HAS_WIDE ? WIDE_PANEL : NARROW_PANEL; }

// What is wanted soon: `lines` lines of the cache in each of `rows` rows, `down` apart. A few are fetched with each
// tile; all at once, they would keep the tiles' own numbers waiting. Where the rows come from memory, 2 to 9 % less time.
typedef struct {
  const float *row;
  size_t rows, down, lines, line, at_a_time;
  // The panel of B after this one, and how many of its lines with each tile. Where B comes from the third cache, a
  // product takes 3 to 15 % less time with it (56 rows, 256 x 256 and 512 x 512).
  const float *panel;
  size_t panel_lines;
} Ahead;

// To be fetched while so many tiles are computed.
INLINE Ahead look_ahead(CKSoon soon, size_t tiles) {
  size_t lines = (soon.width + 15) / 16;
  return (Ahead){.row = soon.numbers, .rows = tiles ? soon.rows : 0, .down = soon.down, .lines = lines,
                 .at_a_time = tiles ? (soon.rows * lines + tiles - 1) / tiles : 0};
}

INLINE void fetch(Ahead *ahead) {
  for (size_t i = 0; i < ahead->panel_lines; i++, ahead->panel += 16) __builtin_prefetch(ahead->panel, 0, 2);
  for (size_t i = 0; i < ahead->at_a_time && ahead->rows > 0; i++) {
    __builtin_prefetch(ahead->row + 16 * ahead->line, 0, 2);
    if (++ahead->line < ahead->lines) continue;
    ahead->line = 0;
    ahead->row += ahead->down;
    ahead->rows--;
  }
}

// Rows of A, `down` apart; and room where their copies stand or shall be, if the tiles read such.
typedef struct {
  const float *numbers;
  size_t down;
  float *copies;
} Rows;

// One panel of B against any number of rows of A, in tiles of nearly the same height.
INLINE void panel_rows(const int tallest, const int vecs, const int folded, size_t m, Rows a, const size_t down,
                       const size_t along, const float *b, size_t depth, float *c, size_t ldc, int accumulate,
                       Ahead *ahead) {
  size_t tiles = tile_count(m, tallest);
  for (size_t t = 0; t < tiles; t++) {
    size_t at = tile_begin(t, tiles, m), rows = tile_begin(t + 1, tiles, m) - at;
    fetch(ahead);
    tile_of(rows, tallest, vecs, folded, a.numbers + at * down, down, along, b, 0, 0, depth, c + at * ldc, ldc,
            accumulate, 0);
  }
}

INLINE void copied_rows(const int copies, size_t m, Rows a, const float *b, size_t depth, float *c, size_t ldc,
                        int accumulate, Ahead *ahead) {
  size_t tiles = tile_count(m, TALL);
  for (size_t t = 0; t < tiles; t++) {
    size_t at = tile_begin(t, tiles, m), rows = tile_begin(t + 1, tiles, m) - at;
    fetch(ahead);
    copied_tile_of(rows, copies, a.numbers + at * a.down, a.down, a.copies + at * copied_depth(depth), b, depth,
                   c + at * ldc, ldc, accumulate);
  }
}

#define ARGUMENTS size_t m, Rows a, const float *b, size_t depth, float *c, size_t ldc, int more, Ahead *ahead
#define REST b, depth, c, ldc, more, ahead
typedef void panel_kernel(ARGUMENTS);

// Rows of A against one panel.
WIDE static void wide_rows(ARGUMENTS) { panel_rows(TALL, 2, 0, m, a, a.down, 1, REST); }
NARROW static void narrow_rows(ARGUMENTS) { panel_rows(NARROW_TALL, 1, 0, m, a, a.down, 1, REST); }
// The same, by way of copies.
WIDE static void copying_rows(ARGUMENTS) { copied_rows(1, m, a, REST); }
WIDE static void rows_copied(ARGUMENTS) { copied_rows(0, m, a, REST); }
// Up to TALL columns where A is transposed, packed: their numbers for one k lie side by side, TALL before those for the
// next.
WIDE static void wide_packed(ARGUMENTS) { panel_rows(TALL, 2, 0, m, a, 1, TALL, REST); }
WIDE static void folded_packed(ARGUMENTS) { panel_rows(TALL, 2, 1, m, a, 1, TALL, REST); }
NARROW static void narrow_packed(ARGUMENTS) { panel_rows(NARROW_TALL, 1, 0, m, a, 1, TALL, REST); }

// A panel whose last columns lie outside of C goes by way of a full-width copy.
INLINE void panel(panel_kernel *kernel, size_t m, Rows a, const float *b, size_t depth, float *c, size_t ldc,
                  size_t columns, size_t width, int accumulate, Ahead *ahead) {
  if (columns == width) {
    kernel(m, a, b, depth, c, ldc, accumulate, ahead);
    return;
  }
  float whole[TALL * WIDE_PANEL];
  size_t tiles = tile_count(m, TALL);
  for (size_t t = 0; t < tiles; t++) {
    size_t at = tile_begin(t, tiles, m), rows = tile_begin(t + 1, tiles, m) - at;
    if (accumulate) {
      memset(whole, 0, sizeof whole);
      for (size_t i = 0; i < rows; i++) memcpy(whole + i * width, c + (at + i) * ldc, columns * sizeof(float));
    }
    Rows here = {a.numbers + at * a.down, a.down, a.copies ? a.copies + at * copied_depth(depth) : 0};
    kernel(rows, here, b, depth, whole, width, accumulate, ahead);
    for (size_t i = 0; i < rows; i++) memcpy(c + (at + i) * ldc, whole + i * width, columns * sizeof(float));
  }
}

size_t ck_packed_count(size_t k, size_t n) {
  size_t width = ck_packed_panel();
  return k * ((n + width - 1) / width) * width;
}

// Of a known size, a copy is a few instructions instead of a call.
INLINE void copy_row(float *to, const float *from, size_t columns) {
  if (columns == NARROW_PANEL) {
    memcpy(to, from, NARROW_PANEL * sizeof(float));
  } else if (columns == WIDE_PANEL) {
    memcpy(to, from, WIDE_PANEL * sizeof(float));
  } else {
    memcpy(to, from, columns * sizeof(float));
  }
}

// Blocks of DEPTH rows; in each, panel after panel; in each, row after row of a panel's width, zero beyond N.
void ck_pack(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed) {
  size_t width = ck_packed_panel();
  for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
    size_t depth = k - k0 < DEPTH ? k - k0 : DEPTH;
    for (size_t n0 = 0; n0 < n; n0 += width) {
      size_t columns = n - n0 < width ? n - n0 : width;
      if (columns < width) memset(packed, 0, depth * width * sizeof(float));
      if (transposed) {
        turn_all(b + n0 * ldb + k0, ldb, columns, depth, packed, width);
      } else {
        for (size_t i = 0; i < depth; i++) copy_row(packed + i * width, b + (k0 + i) * ldb + n0, columns);
      }
      packed += depth * width;
    }
  }
}

size_t ck_packed_gemm_group(size_t m) { return m < BLOCK ? BLOCK / (m > 0 ? m : 1) : 1; }

// The rows of a block of A in some steps.
typedef struct {
  Rows rows;
  ptrdiff_t step, copies_step;
} Block;

// Room for the copies of a block's rows.
enum { ROOM = BLOCK * DEPTH };

INLINE Block prepare(const float *a, size_t lda, ptrdiff_t a_step, size_t steps, size_t rows, size_t depth,
                     int folds, float *room) {
  // Rows that the tiles copy on the way are each read once, wherever they stand.
  if (folds) return (Block){{a, lda, room}, a_step, (ptrdiff_t)(rows * copied_depth(depth))};
  if (lda % 1024 != 0) return (Block){{a, lda, 0}, a_step, 0};
  // Rows 4 KiB apart would fight for the same lines of the cache.
  for (size_t s = 0; s < steps; s++)
    for (size_t i = 0; i < rows; i++)
      memcpy(room + (s * rows + i) * DEPTH, a + (ptrdiff_t)s * a_step + i * lda, depth * sizeof(float));
  return (Block){{room, DEPTH, 0}, (ptrdiff_t)(rows * DEPTH), 0};
}

INLINE Rows rows_of_step(Block block, size_t step) {
  Rows rows = block.rows;
  rows.numbers += (ptrdiff_t)step * block.step;
  if (rows.copies) rows.copies += (ptrdiff_t)step * block.copies_step;
  return rows;
}

void ck_packed_gemm(CKSteps of, size_t k, size_t n, const float *a, size_t lda, CKPacked b, float *c, size_t ldc,
                    int accumulate, CKSoon next) {
  const int folds = FOLDS;
  panel_kernel *first = folds ? copying_rows : HAS_WIDE ? wide_rows : narrow_rows;
  panel_kernel *others = folds ? rows_copied : first;
  size_t m = of.rows, group = ck_packed_gemm_group(m), tall = HAS_WIDE ? TALL : NARROW_TALL;
  size_t width = ck_packed_panel(), panels = (n + width - 1) / width, blocks = (m + BLOCK - 1) / BLOCK;
  float room[ROOM] __attribute__((aligned(64)));
  if (k == 0 && !accumulate)
    for (size_t i = 0; i < of.steps * m; i++)
      memset(c + (ptrdiff_t)(i / m) * of.c_step + i % m * ldc, 0, n * sizeof(float));
  for (size_t s0 = 0; s0 < of.steps; s0 += group) {
    size_t here = of.steps - s0 < group ? of.steps - s0 : group;
    const float *from = a + (ptrdiff_t)s0 * of.a_step;
    float *to = c + (ptrdiff_t)s0 * of.c_step;
    for (size_t t = 0, m0 = 0, rows; t < blocks; t++, m0 += rows) {
      rows = (m - m0 + blocks - t - 1) / (blocks - t);
      for (size_t k0 = 0; k0 < k; k0 += DEPTH) {
        size_t depth = k - k0 < DEPTH ? k - k0 : DEPTH, packed_depth = b.k - k0 < DEPTH ? b.k - k0 : DEPTH;
        const float *panels_here = b.numbers + ck_packed_count(k0, b.n);
        Block block = prepare(from + m0 * lda + k0, lda, of.a_step, here, rows, depth, folds, room);
        // Soon to come are more of these rows' numbers, or the rows below, or what the caller says.
        CKSoon soon = next;
        if (k0 + DEPTH < k) {
          soon = (CKSoon){from + m0 * lda + k0 + DEPTH, rows, lda, k - k0 - DEPTH};
        } else if (t + 1 < blocks) {
          soon = (CKSoon){from + (m0 + rows) * lda, rows, lda, k};
        }
        if (soon.width > DEPTH) soon.width = DEPTH;
        Ahead ahead = look_ahead(soon, panels * tile_count(rows, tall));
        size_t tiles = tile_count(rows, tall) * here;
        for (size_t p = 0; p < panels; p++) {
          size_t columns = n - p * width < width ? n - p * width : width;
          const float *panel_here = panels_here + p * packed_depth * width;
          ahead.panel = panel_here + packed_depth * width;
          ahead.panel_lines = (depth * width / 16 + tiles - 1) / tiles;
          for (size_t s = 0; s < here; s++)
            panel(p == 0 ? first : others, rows, rows_of_step(block, s), panel_here, depth,
                  to + (ptrdiff_t)s * of.c_step + m0 * ldc + p * width, ldc, columns, width, accumulate || k0 > 0,
                  &ahead);
        }
      }
    }
  }
}

size_t ck_gradient_count(size_t rows, size_t n) { return ck_packed_count(rows, n); }

// Sixteen rows at a time, so that a panel is written in long runs: the panels lie a power of two apart, and writing a
// row of all of them in turn would have them fight for lines of the cache.
CK_CLONES void ck_gradient_pack(size_t first, size_t rows, size_t n, size_t batch, const float *b, size_t b_step,
                                size_t b_row, float *packed) {
  size_t width = ck_packed_panel();
  for (size_t r0 = 0; r0 < rows; r0 += GRADIENT_DEPTH) {
    size_t depth = rows - r0 < GRADIENT_DEPTH ? rows - r0 : GRADIENT_DEPTH;
    for (size_t i0 = 0; i0 < depth; i0 += 16) {
      size_t end = i0 + 16 < depth ? i0 + 16 : depth;
      const float *from[16];
      for (size_t i = i0; i < end; i++) {
        size_t row = first + r0 + i;
        from[i - i0] = b + row / batch * b_step + row % batch * b_row;
      }
      for (size_t n0 = 0; n0 < n; n0 += width) {
        size_t columns = n - n0 < width ? n - n0 : width;
        float *to = packed + n0 * depth + i0 * width;
        for (size_t i = 0; i < end - i0; i++) {
          copy_row(to + i * width, from[i] + n0, columns);
          if (columns < width) memset(to + i * width + columns, 0, (width - columns) * sizeof(float));
        }
      }
    }
    packed += ck_gradient_count(depth, n);
  }
}

// Columns of A, as many as a tile is tall side by side; `sums` of each, if wanted, grow.
INLINE void pack_columns(const float *a, size_t lda, size_t depth, const size_t strip, float *packed, float *sums) {
  for (size_t i = 0; i < depth; i++) {
    const float *from = a + i * lda;
    for (size_t j = 0; j < strip; j += TALL) {
      float *to = packed + j * GRADIENT_DEPTH + i * TALL;
      if (strip - j >= TALL) {  // of a known size, a copy is a few instructions instead of a call
        memcpy(to, from + j, TALL * sizeof(float));
      } else {
        memcpy(to, from + j, (strip - j) * sizeof(float));
      }
    }
  }
  if (!sums) return;
  // In vectors of their own: left to itself, clang rearranges these sums number by number.
  vec total[STRIP / 16] = {0};
  size_t whole = strip / 16;
  for (size_t i = 0; i < depth; i++) {
    for (size_t j = 0; j < whole; j++) total[j] += *(const vec *)(a + i * lda + 16 * j);
    for (size_t j = 16 * whole; j < strip; j++) sums[j] += a[i * lda + j];
  }
  for (size_t j = 0; j < whole; j++) *(vec *)(sums + 16 * j) += total[j];
}

CK_CLONES void ck_gradient_gemm(size_t m, size_t n, size_t rows, const float *a, size_t lda, int lower,
                                const float *packed, float *c, size_t ldc, float *sums, int accumulate, CKSoon soon) {
  size_t width = ck_packed_panel(), tall = HAS_WIDE ? TALL : NARROW_TALL, panels = (n + width - 1) / width;
  panel_kernel *kernel = FOLDS ? folded_packed : HAS_WIDE ? wide_packed : narrow_packed;
  float copy[STRIP * GRADIENT_DEPTH];
  if (sums && !accumulate) memset(sums, 0, m * sizeof(float));
  for (size_t r0 = 0; r0 < rows; r0 += GRADIENT_DEPTH) {
    size_t depth = rows - r0 < GRADIENT_DEPTH ? rows - r0 : GRADIENT_DEPTH, left = rows - r0 - depth;
    const float *below = packed + ck_gradient_count(depth, n);
    // Next are B's rows below, or what the caller says.
    if (left > 0) {
      size_t next = left < GRADIENT_DEPTH ? left : GRADIENT_DEPTH;
      soon = (CKSoon){below, next, width * panels, width * panels};
    }
    for (size_t m0 = 0; m0 < m; m0 += STRIP) {
      // Several tiles at once, so that whole lines of the cache are read.
      size_t strip = m - m0 < STRIP ? m - m0 : STRIP;
      // Where A is zero above its diagonal, a strip begins at the row where it meets that.
      size_t first = lower && m0 > r0 ? m0 - r0 : 0;
      if (first >= depth && (accumulate || r0 > 0)) continue;
      if (first > depth) first = depth;
      const float *top = a + (r0 + first) * lda + m0;
      float *strip_sums = sums ? sums + m0 : 0;
      switch (strip) {  // what is left over of a power of two is 16 or 32
        case 48: pack_columns(top, lda, depth - first, 48, copy, strip_sums); break;
        case 32: pack_columns(top, lda, depth - first, 32, copy, strip_sums); break;
        case 16: pack_columns(top, lda, depth - first, 16, copy, strip_sums); break;
        default: pack_columns(top, lda, depth - first, strip, copy, strip_sums);
      }
      // And before them, the columns of A beside these, or the first ones of its rows below.
      CKSoon columns_soon = {0}, rows_soon = soon;
      if (m0 + STRIP < m) {
        columns_soon = (CKSoon){a + r0 * lda + m0 + STRIP, depth, lda, STRIP};
      } else if (left > 0) {
        columns_soon = (CKSoon){a + (r0 + depth) * lda, depth, lda, STRIP};
      }
      size_t tiles = (strip + tall - 1) / tall, before = soon.rows * m0 / m;
      rows_soon.numbers += before * soon.down;
      rows_soon.rows = soon.rows * (m0 + strip) / m - before;
      Ahead ahead[2] = {look_ahead(columns_soon, (panels + 1) / 2 * tiles), look_ahead(rows_soon, panels / 2 * tiles)};
      for (size_t n0 = 0; n0 < n; n0 += width) {
        size_t columns = n - n0 < width ? n - n0 : width;
        for (size_t j = 0; j < strip; j += TALL)
          panel(kernel, strip - j < TALL ? strip - j : TALL, (Rows){copy + j * GRADIENT_DEPTH, 1, 0},
                packed + n0 * depth + first * width, depth - first, c + (m0 + j) * ldc + n0, ldc, columns, width,
                accumulate || r0 > 0, &ahead[n0 / width % 2]);
      }
    }
    packed = below;
  }
  if (rows == 0 && !accumulate)
    for (size_t i = 0; i < m; i++) memset(c + i * ldc, 0, n * sizeof(float));
}
