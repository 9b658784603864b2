#include "CKernelsFFT.h"
#include "CKernels.h"
#include "wide.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Sixteen lanes: one register with AVX-512, two with AVX, four with SSE or NEON.
typedef float vf __attribute__((vector_size(64)));
typedef float vf_any __attribute__((vector_size(64), aligned(4), may_alias));
typedef float v8_any __attribute__((vector_size(32), aligned(4), may_alias));
typedef float v4_any __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(64)));

enum { N = CK_FFT_SIZE, BINS = CK_FFT_BINS, LANES = CK_FFT_LANES };

// ---- Transforms of 16 numbers ------------------------------------------------------------------------------------

#define COS1 0.92387953251128675613f  // cos(pi / 8)
#define SIN1 0.38268343236508977173f  // sin(pi / 8)
#define ROOT 0.70710678118654752440f  // cos(pi / 4)

// Four complex numbers, `s` apart, in place: X_k = sum_n x_n (-i)^nk.
INLINE void dft4(vf *re, vf *im, int s) {
  vf ar = re[0] + re[2 * s], ai = im[0] + im[2 * s], br = re[0] - re[2 * s], bi = im[0] - im[2 * s];
  vf cr = re[s] + re[3 * s], ci = im[s] + im[3 * s], dr = re[s] - re[3 * s], di = im[s] - im[3 * s];
  re[0] = ar + cr, im[0] = ai + ci;
  re[s] = br + di, im[s] = bi - dr;
  re[2 * s] = ar - cr, im[2 * s] = ai - ci;
  re[3 * s] = br - di, im[3 * s] = bi + dr;
}

// (re, im) times c - is
INLINE void turn(vf *re, vf *im, float c, float s) {
  vf r = *re * c + *im * s;
  *im = *im * c - *re * s;
  *re = r;
}

// Sixteen complex numbers; X_(k + 4m) comes out at 4k + m. Swapping re and im gives the inverse.
INLINE void dft16(vf *re, vf *im) {
  for (int n = 0; n < 4; n++) dft4(re + n, im + n, 4);
  turn(re + 5, im + 5, COS1, SIN1), turn(re + 6, im + 6, ROOT, ROOT), turn(re + 7, im + 7, SIN1, COS1);
  turn(re + 9, im + 9, ROOT, ROOT), turn(re + 10, im + 10, 0, 1), turn(re + 11, im + 11, -ROOT, ROOT);
  turn(re + 13, im + 13, SIN1, COS1), turn(re + 14, im + 14, -ROOT, ROOT), turn(re + 15, im + 15, -COS1, -SIN1);
  for (int k = 0; k < 4; k++) dft4(re + 4 * k, im + 4 * k, 1);
}

#define PLACE(k) (4 * ((k) & 3) + ((k) >> 2))  // where dft16 leaves X_k

// Real numbers x[0], x[s], x[2s], x[3s] -> X_0, Re X_1, X_2 in re; Im X_1 in im.
INLINE void real4(const vf *x, int s, vf *re, vf *im) {
  vf a = x[0] + x[2 * s], b = x[s] + x[3 * s];
  re[0] = a + b, re[2] = a - b, re[1] = x[0] - x[2 * s], im[1] = x[3 * s] - x[s];
}

// Eight real numbers, `s` apart -> X_0 ... X_4, from the transforms of the even and of the odd ones.
INLINE void real8(const vf *x, int s, vf *re, vf *im) {
  vf er[3], ei[3], or[3], oi[3];
  real4(x, 2 * s, er, ei), real4(x + s, 2 * s, or, oi);
  turn(or + 1, oi + 1, ROOT, ROOT);
  re[0] = er[0] + or[0], re[4] = er[0] - or[0];
  re[1] = er[1] + or[1], im[1] = ei[1] + oi[1], re[3] = er[1] - or[1], im[3] = oi[1] - ei[1];
  re[2] = er[2], im[2] = -or[2];
}

// Sixteen real numbers -> X_0 ... X_8; X_0 and X_8 are real.
INLINE void real16(const vf *x, vf *re, vf *im) {
  vf er[5], ei[5], or[5], oi[5];
  real8(x, 2, er, ei), real8(x + 1, 2, or, oi);
  turn(or + 1, oi + 1, COS1, SIN1), turn(or + 2, oi + 2, ROOT, ROOT), turn(or + 3, oi + 3, SIN1, COS1);
  re[0] = er[0] + or[0], re[8] = er[0] - or[0];
  UNROLL for (int k = 1; k < 4; k++) {
    re[k] = er[k] + or[k], im[k] = ei[k] + oi[k];
    re[8 - k] = er[k] - or[k], im[8 - k] = oi[k] - ei[k];
  }
  re[4] = er[4], im[4] = -or[4];
}

// The inverses of the three, times 4, 8 and 16: each step of above turned round.
INLINE void unreal4(const vf *re, const vf *im, vf *x, int s) {
  vf a = re[0] + re[2], b = re[0] - re[2], c = re[1] + re[1], d = im[1] + im[1];
  x[0] = a + c, x[2 * s] = a - c, x[s] = b - d, x[3 * s] = b + d;
}

INLINE void unreal8(const vf *re, const vf *im, vf *x, int s) {
  vf er[3], ei[3], or[3], oi[3];
  er[0] = re[0] + re[4], or[0] = re[0] - re[4];
  er[1] = re[1] + re[3], ei[1] = im[1] - im[3], or[1] = re[1] - re[3], oi[1] = im[1] + im[3];
  er[2] = re[2] + re[2], or[2] = -(im[2] + im[2]);
  turn(or + 1, oi + 1, ROOT, -ROOT);
  unreal4(er, ei, x, 2 * s), unreal4(or, oi, x + s, 2 * s);
}

INLINE void unreal16(const vf *re, const vf *im, vf *x) {
  vf er[5], ei[5], or[5], oi[5];
  er[0] = re[0] + re[8], or[0] = re[0] - re[8];
  UNROLL for (int k = 1; k < 4; k++) {
    er[k] = re[k] + re[8 - k], ei[k] = im[k] - im[8 - k];
    or[k] = re[k] - re[8 - k], oi[k] = im[k] + im[8 - k];
  }
  er[4] = re[4] + re[4], or[4] = -(im[4] + im[4]);
  turn(or + 1, oi + 1, COS1, -SIN1), turn(or + 2, oi + 2, ROOT, -ROOT), turn(or + 3, oi + 3, SIN1, -COS1);
  unreal8(er, ei, x, 2), unreal8(or, oi, x + 1, 2);
}

// ---- Sixteen maps to lanes and back ------------------------------------------------------------------------------

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// A 16 x 16 matrix in sixteen vectors, transposed: fours within each quarter of a vector, then the quarters.
INLINE void transpose(vf *v) {
  vf t[16], u[16];
  UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = SHUFFLE(v[i], v[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    t[i + 1] = SHUFFLE(v[i], v[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < 16; i += 4) UNROLL for (int h = 0; h < 2; h++) {
    u[i + 2 * h] = SHUFFLE(t[i + h], t[i + h + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    u[i + 2 * h + 1] = SHUFFLE(t[i + h], t[i + h + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  }
#define EVEN_QUARTERS(a, b) SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define ODD_QUARTERS(a, b) SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
  UNROLL for (int j = 0; j < 4; j++) {
    vf p = EVEN_QUARTERS(u[j], u[4 + j]), q = ODD_QUARTERS(u[j], u[4 + j]);
    vf r = EVEN_QUARTERS(u[8 + j], u[12 + j]), s = ODD_QUARTERS(u[8 + j], u[12 + j]);
    v[j] = EVEN_QUARTERS(p, r), v[8 + j] = ODD_QUARTERS(p, r);
    v[4 + j] = EVEN_QUARTERS(q, s), v[12 + j] = ODD_QUARTERS(q, s);
  }
}

// Copies n < 16 numbers by two overlapping vectors where it can: a call of memcpy costs more than the copy.
INLINE void copy_few(float *to, const float *from, size_t n) {
  if (n >= 8) {
    v8_any first = *(const v8_any *)from, last = *(const v8_any *)(from + n - 8);
    *(v8_any *)to = first, *(v8_any *)(to + n - 8) = last;
  } else if (n >= 4) {
    v4_any first = *(const v4_any *)from, last = *(const v4_any *)(from + n - 4);
    *(v4_any *)to = first, *(v4_any *)(to + n - 4) = last;
  } else {
    for (size_t i = 0; i < n; i++) to[i] = from[i];
  }
}

#define MAGNITUDE(x) ((vf)((vi)(x) & 0x7fffffff))

// What a row of a tile adds to its spread: sixteen neighbours of sixteen maps, a vector for each map.
typedef struct {
  vf sum, squares, largest;
} Line;

// Vectors go in by pointer: by value, the way they are passed would depend on the processor that is compiled for.
INLINE void measure(const vf *v, Line *line) {
  vf a = MAGNITUDE(*v);
  line->sum += a, line->squares += *v * *v;
  line->largest = __builtin_elementwise_max(a, line->largest);
}

// The first n numbers alone: those after them belong to the next row.
INLINE void keep_first(size_t n, vf *v) {
  vi place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *v = (vf)((vi)*v & (place < (int32_t)n));
}

INLINE void add_line(Line *line, size_t n, float *sums, CKSpread *spread) {
  keep_first(n, &line->sum), keep_first(n, &line->squares), keep_first(n, &line->largest);
  const float *sum = (const float *)&line->sum, *most = (const float *)&line->largest;
  for (size_t j = 0; j < n; j++) sums[j] += sum[j];
  *(vf_any *)spread->squares += line->squares;
  for (int j = 0; j < 16; j++) spread->largest[j] = most[j] > spread->largest[j] ? most[j] : spread->largest[j];
}

// n <= 16 neighbours of each map, from x on, to out[0...15]. Vectors n...15 hold arbitrary numbers.
INLINE void gather(const float *x, const float *end, CKMaps maps, size_t n, vf *out, Line *line) {
  vf v[16];
  if (maps.lanes == LANES && x + 15 * maps.laneStride + LANES <= end) {
    UNROLL for (int lane = 0; lane < 16; lane++) v[lane] = *(const vf_any *)(x + lane * maps.laneStride);
  } else {
    for (size_t lane = 0; lane < 16; lane++) {
      v[lane] = (vf){0};
      if (lane >= maps.lanes) continue;
      const float *from = x + lane * maps.laneStride;
      if (from + LANES <= end) {
        v[lane] = *(const vf_any *)from;
      } else {
        copy_few((float *)(v + lane), from, n);
      }
    }
  }
  if (line) UNROLL for (int lane = 0; lane < 16; lane++) measure(v + lane, line);
  transpose(v);
  UNROLL for (int i = 0; i < 16; i++) out[i] = v[i];
}

// The transpose of `gather`: n vectors, any number of them, to n neighbours of each map.
INLINE void scatter(const vf *in, size_t n, float *y, CKMaps maps, int add) {
  for (size_t i = 0; i < n; i += 16, in += 16, y += 16) {
    size_t here = n - i < 16 ? n - i : 16;
    vf v[16];
    UNROLL for (int k = 0; k < 16; k++) v[k] = in[k];
    transpose(v);
    if (here == 16 && maps.lanes == LANES) {
      UNROLL for (int lane = 0; lane < 16; lane++) {
        vf_any *to = (vf_any *)(y + lane * maps.laneStride);
        *to = add ? *to + v[lane] : v[lane];
      }
    } else {
      vf rows[16];
      UNROLL for (int lane = 0; lane < 16; lane++) rows[lane] = v[lane];
      for (size_t lane = 0; lane < maps.lanes; lane++) {
        float *to = y + lane * maps.laneStride, *row = (float *)(rows + lane);
        if (add)
          for (size_t k = 0; k < here; k++) row[k] += to[k];
        if (here == 16)
          *(vf_any *)to = *(vf_any *)row;
        else
          copy_few(to, row, here);
      }
    }
  }
}

// ---- Transforms of tiles -----------------------------------------------------------------------------------------

// Bins: columns 0 and 8 are transforms of real numbers, bins 0...8 and 9...17; columns 1...7 have 16 bins each.
#define COLUMN_BIN(k) (18 + 16 * ((k) - 1))

// The transform of the rows `first ..< last` of grid, in place, and then of all columns. A row becomes
// X_0, X_8, Re X_1, Im X_1, ... Re X_7, Im X_7.
INLINE void transform(vf (*grid)[16], size_t first, size_t last, float scale, int conjugate, float *bins,
                      size_t stride) {
  for (size_t r = first; r < last; r++) {
    vf re[9], im[9];
    real16(grid[r], re, im);
    grid[r][0] = re[0], grid[r][1] = re[8];
    UNROLL for (int k = 1; k < 8; k++) grid[r][2 * k] = re[k], grid[r][2 * k + 1] = im[k];
  }
  float turned = conjugate ? -scale : scale;
  for (int half = 0; half < 2; half++) {
    vf x[16], re[9], im[9];
    UNROLL for (int r = 0; r < 16; r++) x[r] = grid[r][half];
    real16(x, re, im);
    im[0] = im[8] = (vf){0};
    UNROLL for (int k = 0; k < 9; k++) {
      vf *to = (vf *)(bins + (9 * half + k) * stride);
      to[0] = re[k] * scale, to[1] = im[k] * turned;
    }
  }
  for (int k = 1; k < 8; k++) {
    vf re[16], im[16];
    UNROLL for (int r = 0; r < 16; r++) re[r] = grid[r][2 * k], im[r] = grid[r][2 * k + 1];
    dft16(re, im);
    UNROLL for (int j = 0; j < 16; j++) {
      vf *to = (vf *)(bins + (COLUMN_BIN(k) + j) * stride);
      to[0] = re[PLACE(j)] * scale, to[1] = im[PLACE(j)] * turned;
    }
  }
}

// The columns of the inverse; rows are left as `transform` has them.
INLINE void untransform_columns(const float *bins, size_t stride, size_t parts, size_t partStride, vf (*grid)[16]) {
  for (int half = 0; half < 2; half++) {
    vf x[16], re[9], im[9];
    UNROLL for (int k = 0; k < 9; k++) {
      const vf *from = (const vf *)(bins + (9 * half + k) * stride);
      re[k] = from[0], im[k] = from[1];
      for (size_t p = 1; p < parts; p++) {
        from = (const vf *)((const float *)from + partStride);
        re[k] += from[0], im[k] += from[1];
      }
    }
    unreal16(re, im, x);
    UNROLL for (int r = 0; r < 16; r++) grid[r][half] = x[r];
  }
  for (int k = 1; k < 8; k++) {
    vf re[16], im[16];
    UNROLL for (int j = 0; j < 16; j++) {
      const vf *from = (const vf *)(bins + (COLUMN_BIN(k) + j) * stride);
      re[j] = from[0], im[j] = from[1];
      for (size_t p = 1; p < parts; p++) {
        from = (const vf *)((const float *)from + partStride);
        re[j] += from[0], im[j] += from[1];
      }
    }
    dft16(im, re);
    UNROLL for (int r = 0; r < 16; r++) grid[r][2 * k] = re[PLACE(r)], grid[r][2 * k + 1] = im[PLACE(r)];
  }
}

INLINE void untransform_row(const vf *row, vf *x) {
  vf re[9], im[9];
  re[0] = row[0], re[8] = row[1];
  UNROLL for (int k = 1; k < 8; k++) re[k] = row[2 * k], im[k] = row[2 * k + 1];
  unreal16(re, im, x);
}

CK_CLONES void ck_fft_forward(const float *x, const float *end, CKMaps maps, CKPatch patch, float scale,
                              int conjugate, float *bins, size_t stride, CKSpread *spread) {
  vf grid[N + 1][16];  // a row is written past its end at times, into the next, which comes later
  size_t last = patch.row + patch.rows;
  for (size_t r = 0; r < patch.row; r++) memset(grid[r], 0, sizeof grid[r]);
  for (size_t r = patch.row; r < last; r++, x += maps.rowStride) {
    if (spread) {
      Line line = {0};
      gather(x, end, maps, patch.columns, grid[r] + patch.column, &line);
      add_line(&line, patch.columns, spread->sums[r] + patch.column, spread);
    } else {
      gather(x, end, maps, patch.columns, grid[r] + patch.column, 0);
    }
    for (size_t j = 0; j < patch.column; j++) grid[r][j] = (vf){0};
    for (size_t j = patch.column + patch.columns; j < N; j++) grid[r][j] = (vf){0};
  }
  for (size_t r = last; r < N; r++) memset(grid[r], 0, sizeof grid[r]);
  transform(grid, patch.row, last, scale, conjugate, bins, stride);
}

// n neighbours of each pooled map by their cells, `cells[lane]`: what each of the four cells has of them, over all maps.
INLINE void measure_cells(const float *dy, const float *end, CKMaps maps, size_t n, const vf *cells, float *sums,
                          size_t stride, CKSpread *spread) {
  Line line = {0};
  vf sum[4] = {0};
  for (size_t lane = 0; lane < maps.lanes; lane++) {
    const float *from = dy + lane * maps.laneStride;
    vf v = {0};
    if (from + LANES <= end) {
      v = *(const vf_any *)from;
    } else {
      copy_few((float *)&v, from, n);
    }
    v = (vf)((cells[lane] < 4.0f) & (vi)v);
    measure(&v, &line);
    v = MAGNITUDE(v);
    UNROLL for (int k = 0; k < 4; k++) sum[k] += (vf)((cells[lane] == (float)k) & (vi)v);
  }
  float unused[16];
  memset(unused, 0, sizeof unused);
  add_line(&line, n, unused, spread);
  UNROLL for (int k = 0; k < 4; k++) *(vf_any *)(sums + k * stride) = sum[k];
}

CK_CLONES void ck_fft_forward_unpool(const float *dy, const float *end, const uint8_t *route, CKMaps maps,
                                     CKPatch patch, float *bins, size_t stride, CKSpread *spread) {
  vf grid[N][16];
  float sums[4][64 + 16];  // of the places that are first, second, ... in their cell
  vf up[64 + 16], cell[64 + 16];  // 8 x 8 at most
  const uint8_t *routeEnd = route + (end - dy);
  // Rows that follow each other in memory are one run: 4 transpositions instead of 7 for maps of 7 x 7.
  size_t runs = maps.rowStride == patch.columns ? 1 : patch.rows;
  size_t length = runs == 1 ? patch.rows * patch.columns : patch.columns;
  for (size_t run = 0; run < runs; run++) {
    for (size_t i = 0; i < length; i += 16) {
      size_t here = length - i < 16 ? length - i : 16;
      size_t from = run * maps.rowStride + i, to = run * length + i;
      gather(dy + from, end, maps, here, up + to, 0);
      vf v[16];
      for (size_t lane = 0; lane < 16; lane++) {
        const uint8_t *cells = route + from + lane * maps.laneStride;
        typedef uint8_t bytes __attribute__((vector_size(16), aligned(1), may_alias));
        bytes b = {0};
        if (lane < maps.lanes) {
          if (cells + 16 <= routeEnd)
            b = *(const bytes *)cells;
          else
            memcpy(&b, cells, here);
        }
        v[lane] = __builtin_convertvector(b, vf);
      }
      if (spread) measure_cells(dy + from, end, maps, here, v, sums[0] + to, sizeof sums[0] / sizeof(float), spread);
      transpose(v);
      UNROLL for (int k = 0; k < 16; k++) cell[to + k] = v[k];
    }
  }
  if (spread)
    for (int k = 0; k < 4; k++)
      for (size_t i = 0; i < patch.rows; i++)
        for (size_t j = 0; j < patch.columns; j++)
          spread->sums[2 * i + k / 2][2 * j + k % 2] += sums[k][i * patch.columns + j];
  memset(grid, 0, sizeof grid);
  vf zero = {0};
  for (size_t i = 0; i < patch.rows; i++) {
    for (size_t j = 0; j < patch.columns; j++) {
      vf g = up[i * patch.columns + j], at = cell[i * patch.columns + j];
      vf *top = grid[2 * i] + 2 * j, *bottom = grid[2 * i + 1] + 2 * j;
      top[0] = (vf)((at == 0.0f) & (vi)g), top[1] = (vf)((at == 1.0f) & (vi)g);
      bottom[0] = (vf)((at == 2.0f) & (vi)g), bottom[1] = (vf)((at == 3.0f) & (vi)g);
    }
  }
  (void)zero;
  transform(grid, 0, 2 * patch.rows, 1, 0, bins, stride);
}

INLINE void load_bias(const float *bias, size_t lanes, vf *b) {
  *b = (vf){0};
  if (!bias) return;
  float each[16] = {0};
  for (size_t lane = 0; lane < lanes; lane++) each[lane] = bias[lane];
  memcpy(b, each, sizeof each);
}

CK_CLONES void ck_fft_inverse(const float *bins, size_t stride, size_t parts, size_t partStride, float scale,
                              const float *bias, float *y, CKMaps maps, CKPatch patch, int add) {
  vf grid[N][16], lines[N * 16 + 16], b;
  load_bias(bias, maps.lanes, &b);
  untransform_columns(bins, stride, parts, partStride, grid);
  for (size_t i = 0; i < patch.rows; i++) {
    vf x[16];
    untransform_row(grid[patch.row + i], x);
    vf all[16];
    UNROLL for (int j = 0; j < 16; j++) all[j] = x[j] * scale + b;
    for (size_t j = 0; j < patch.columns; j++) lines[i * patch.columns + j] = all[patch.column + j];
  }
  if (maps.rowStride == patch.columns) {
    scatter(lines, patch.rows * patch.columns, y, maps, add);
  } else {
    for (size_t i = 0; i < patch.rows; i++)
      scatter(lines + i * patch.columns, patch.columns, y + i * maps.rowStride, maps, add);
  }
}

// Bytes of sixteen maps, from their lanes.
INLINE void scatter_bytes(const vf *in, size_t n, uint8_t *y, CKMaps maps) {
  typedef uint8_t bytes __attribute__((vector_size(16), aligned(1), may_alias));
  for (size_t i = 0; i < n; i += 16, in += 16, y += 16) {
    size_t here = n - i < 16 ? n - i : 16;
    vf v[16];
    UNROLL for (int k = 0; k < 16; k++) v[k] = in[k];
    transpose(v);
    for (size_t lane = 0; lane < maps.lanes; lane++) {
      bytes b = __builtin_convertvector(v[lane], bytes);
      if (here == 16)
        *(bytes *)(y + lane * maps.laneStride) = b;
      else
        memcpy(y + lane * maps.laneStride, &b, here);
    }
  }
}

CK_CLONES void ck_fft_inverse_pool(const float *bins, size_t stride, const float *bias, float *y, uint8_t *route,
                                   CKMaps maps, CKPatch patch) {
  vf grid[N][16], best[64 + 16], cell[64 + 16], b;
  load_bias(bias, maps.lanes, &b);
  untransform_columns(bins, stride, 1, 0, grid);
  for (size_t i = 0; i < patch.rows; i++) {
    vf top[16], bottom[16];
    untransform_row(grid[2 * i], top);
    untransform_row(grid[2 * i + 1], bottom);
    vf *out = best + i * patch.columns, *at = cell + i * patch.columns;
    vf m[8], c[8];
    UNROLL for (int j = 0; j < 8; j++) {
      // A NaN counts as the largest, so that it is not lost.
      vf v = top[2 * j + 1], w = top[2 * j], where = {0};
      vi take = (v > w) | (v != v);
      w = (vf)((take & (vi)v) | (~take & (vi)w));
      where = (vf)(take & (vi)((vf){0} + 1.0f));
      v = bottom[2 * j];
      take = (v > w) | (v != v);
      w = (vf)((take & (vi)v) | (~take & (vi)w));
      where = (vf)((take & (vi)((vf){0} + 2.0f)) | (~take & (vi)where));
      v = bottom[2 * j + 1];
      take = (v > w) | (v != v);
      w = (vf)((take & (vi)v) | (~take & (vi)w));
      where = (vf)((take & (vi)((vf){0} + 3.0f)) | (~take & (vi)where));
      w += b;
      m[j] = (vf)(~(w < 0.0f) & (vi)w);
      take = w <= 0.0f;
      c[j] = (vf)((take & (vi)((vf){0} + 4.0f)) | (~take & (vi)where));
    }
    // What is written beyond this row's end is the next row's place.
    UNROLL for (int j = 0; j < 8; j++) out[j] = m[j], at[j] = c[j];
  }
  if (maps.rowStride == patch.columns) {
    scatter(best, patch.rows * patch.columns, y, maps, 0);
    scatter_bytes(cell, patch.rows * patch.columns, route, maps);
  } else {
    for (size_t i = 0; i < patch.rows; i++) {
      scatter(best + i * patch.columns, patch.columns, y + i * maps.rowStride, maps, 0);
      scatter_bytes(cell + i * patch.columns, patch.columns, route + i * maps.rowStride, maps);
    }
  }
}

// ---- Whether a transform will do ----------------------------------------------------------------------------------

// What the largest error of a transform's outputs is to those of plain sums, each beside the sum of its own products'
// magnitudes, follows r = sqrt(places of a window * sum of squares) / (the window's sum): about r / 5 to r / 4. Even data
// has r between 1.5 and 7; more than 14 have one in a hundred thousand of the windows over digits' maps, and two in a
// thousand of those over the gradients at them. A number in one map hides in the sums over all, so it is looked at by itself.
static const float most_uneven = 14, most_outstanding = 300;

CK_CLONES int ck_fft_poor_windows(const CKSpread *spread, size_t count, CKWindowRange windows, uint8_t *poor) {
  enum { M = CK_FFT_MARGIN, WIDE = 2 * N };
  float total = 0, squares = 0, largest = 0;
  for (int r = 0; r < N; r++)
    for (int j = 0; j < N; j++) total += spread->sums[r][j];
  if (total == 0) return 0;  // zeros become zeros
  if (!(total < __builtin_inff())) return -1;
  for (int j = 0; j < 16; j++) {
    squares += spread->squares[j];
    largest = spread->largest[j] > largest ? spread->largest[j] : largest;
  }
  if (!(largest * (float)count <= most_outstanding * total)) return -1;
  float limit = __builtin_sqrtf(squares * (float)(windows.rows * windows.columns)) / most_uneven;
  if (!(limit < __builtin_inff())) return -1;
  // Sums along the rows, and of these down the columns; place p stands at p + M.
  float padded[WIDE + M], across[N][WIDE];
  for (int r = 0; r < N; r++) {
    memset(padded, 0, sizeof padded);
    memcpy(padded + M, spread->sums[r], N * sizeof(float));
    memset(across[r], 0, sizeof across[r]);
    for (size_t b = 0; b < windows.columns; b++)
      for (size_t j = 0; j < WIDE; j++) across[r][j] += padded[j + b];
  }
  int found = 0;
  for (ptrdiff_t i = windows.top; i < windows.bottom; i++) {
    float sum[WIDE] = {0};
    for (ptrdiff_t r = i < 0 ? 0 : i; r < i + (ptrdiff_t)windows.rows && r < N; r++)
      for (size_t j = 0; j < WIDE; j++) sum[j] += across[r][j];
    for (ptrdiff_t j = windows.left; j < windows.right; j++, poor++) {
      *poor = !(sum[j + M] >= limit && sum[j + M] > 0);
      found += *poor;
    }
  }
  // At an edge with a neighbour, windows lie in both tiles; what this one gives them is not to be rounding alone.
  CKPatch inner = windows.shared;
  if (!(inner.row | inner.column)) return found;
  if (found) return -1;
  for (ptrdiff_t j = 0; j + windows.columns <= inner.columns; j++) {
    if ((inner.row & 1) && across[0][j + M] == 0) return -1;
    if ((inner.row & 2) && across[inner.rows - 1][j + M] == 0) return -1;
  }
  for (size_t i = 0; i + windows.rows <= inner.rows; i++) {
    float first = 0, last = 0;
    for (size_t r = i; r < i + windows.rows; r++)
      first += spread->sums[r][0], last += spread->sums[r][inner.columns - 1];
    if ((inner.column & 1) && first == 0) return -1;
    if ((inner.column & 2) && last == 0) return -1;
  }
  return 0;
}

float ck_fft_lit(const CKSpread *spread, size_t maps) {
  float total = 0, squares = 0;
  for (int r = 0; r < N; r++)
    for (int j = 0; j < N; j++) total += spread->sums[r][j];
  for (int j = 0; j < 16; j++) squares += spread->squares[j];
  return total == 0 ? __builtin_inff() : total * (total / squares) / (float)maps;
}

// ---- Products of matrices of complex numbers, one for each bin ---------------------------------------------------

// `rows` x `vectors` numbers of C are held in registers. Row m of A is `aRow` after the one before; its depth runs in
// segments of `segment`, `aStep` from one to the next, and `aSegment` from one segment to the next.
INLINE void block(const int rows, const int vectors, const int conjugate, size_t depth, size_t segment,
                  const float *a, size_t aRow, size_t aStep, size_t aSegment, const float *b, size_t bStep, float *c,
                  size_t cRow, int accumulate) {
  vf re[4][2], im[4][2];
  UNROLL for (int m = 0; m < rows; m++) UNROLL for (int v = 0; v < vectors; v++) {
    const vf *from = (const vf *)(c + m * cRow + 32 * v);
    re[m][v] = accumulate ? from[0] : (vf){0};
    im[m][v] = accumulate ? from[1] : (vf){0};
  }
  for (size_t k0 = 0; k0 < depth; k0 += segment, a += aSegment) {
    size_t here = depth - k0 < segment ? depth - k0 : segment;
    const float *ak = a;
    for (size_t k = 0; k < here; k++, ak += aStep, b += bStep) {
      vf br[2], bi[2];
      UNROLL for (int v = 0; v < vectors; v++) br[v] = ((const vf *)(b + 32 * v))[0], bi[v] = ((const vf *)(b + 32 * v))[1];
      UNROLL for (int m = 0; m < rows; m++) {
        float ar = ak[m * aRow], ai = ak[m * aRow + 16];
        UNROLL for (int v = 0; v < vectors; v++) {
          re[m][v] += br[v] * ar;
          im[m][v] += br[v] * ai;
          if (conjugate) {
            re[m][v] += bi[v] * ai;
            im[m][v] -= bi[v] * ar;
          } else {
            re[m][v] -= bi[v] * ai;
            im[m][v] += bi[v] * ar;
          }
        }
      }
    }
  }
  UNROLL for (int m = 0; m < rows; m++) UNROLL for (int v = 0; v < vectors; v++) {
    vf *to = (vf *)(c + m * cRow + 32 * v);
    to[0] = re[m][v], to[1] = im[m][v];
  }
}

typedef struct {
  size_t rows, depth, vectors, segment;
  const float *a;
  size_t aRow, aStep, aSegment;
  const float *b;
  size_t bStep;
  float *c;
  size_t cRow;
  int accumulate;
} Product;

INLINE void column_of_blocks(const int rows, const int vectors, const int conjugate, Product p, size_t v) {
  size_t m = 0;
#define BLOCK(count)                                                                                             \
  block(count, vectors, conjugate, p.depth, p.segment, p.a + m * p.aRow, p.aRow, p.aStep, p.aSegment, p.b + 32 * v, \
        p.bStep, p.c + m * p.cRow + 32 * v, p.cRow, p.accumulate)
  for (; m + rows <= p.rows; m += rows) BLOCK(rows);
  for (; m < p.rows; m++) BLOCK(1);
}

INLINE void product(const int rows, const int vectors, const int conjugate, Product p) {
  size_t v = 0;
  for (; v + vectors <= p.vectors; v += vectors) column_of_blocks(rows, vectors, conjugate, p, v);
  if (vectors == 2 && v < p.vectors) column_of_blocks(rows, 1, conjugate, p, v);
}

INLINE void multiply_bins(const int rows, const int vectors, size_t tiles, size_t depth, size_t n, const float *a,
                          size_t aBin, size_t aTile, const float *b, size_t bBin, float *c, size_t cBin,
                          size_t cTile) {
  for (size_t f = 0; f < BINS; f++) {
    Product p = {tiles, depth, n, 16, a + f * aBin, aTile, 1, 32, b + f * bBin, 32 * n, c + f * cBin, cTile, 0};
    product(rows, vectors, 0, p);
  }
}

INLINE void correlate_bins(const int rows, const int vectors, size_t tiles, size_t channels, size_t n,
                           const float *a, size_t aBin, size_t aTile, const float *b, size_t bBin, size_t bTile,
                           float *c, size_t cBin, int accumulate) {
  for (size_t f = 0; f < BINS; f++) {
    for (size_t first = 0; first < channels; first += 16) {
      size_t here = channels - first < 16 ? channels - first : 16;
      Product p = {here, tiles, n, tiles, a + f * aBin + 2 * first, 1, aTile, 0, b + f * bBin, bTile,
                   c + f * cBin + first * 32 * n, 32 * n, accumulate};
      product(rows, vectors, 1, p);
    }
  }
}

// With AVX-512's 32 registers 4 x 2 complex numbers of sixteen lanes fit; with fewer or narrower ones, 2 x 1.
#define MULTIPLY_ARGUMENTS tiles, depth, vectors, a, aBin, aTile, b, bBin, c, cBin, cTile
#define MULTIPLY_PARAMETERS                                                                                      \
  size_t tiles, size_t depth, size_t vectors, const float *a, size_t aBin, size_t aTile, const float *b,           \
      size_t bBin, float *c, size_t cBin, size_t cTile
#define CORRELATE_ARGUMENTS tiles, rows, vectors, a, aBin, aTile, b, bBin, bTile, c, cBin, accumulate
#define CORRELATE_PARAMETERS                                                                                     \
  size_t tiles, size_t rows, size_t vectors, const float *a, size_t aBin, size_t aTile, const float *b,            \
      size_t bBin, size_t bTile, float *c, size_t cBin, int accumulate

#if defined(__x86_64__) && defined(__linux__)
#define WIDEST __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define HAS_WIDEST CK_HAS_WIDE
WIDEST static void multiply_widest(MULTIPLY_PARAMETERS) { multiply_bins(4, 2, MULTIPLY_ARGUMENTS); }
WIDEST static void correlate_widest(CORRELATE_PARAMETERS) { correlate_bins(4, 2, CORRELATE_ARGUMENTS); }
#define NARROW CK_NARROW_CLONES
#else
#define HAS_WIDEST 0
#define multiply_widest multiply_narrow
#define correlate_widest correlate_narrow
#define NARROW
#endif
NARROW static void multiply_narrow(MULTIPLY_PARAMETERS) { multiply_bins(2, 1, MULTIPLY_ARGUMENTS); }
NARROW static void correlate_narrow(CORRELATE_PARAMETERS) { correlate_bins(2, 1, CORRELATE_ARGUMENTS); }

void ck_fft_multiply(MULTIPLY_PARAMETERS) {
  HAS_WIDEST ? multiply_widest(MULTIPLY_ARGUMENTS) : multiply_narrow(MULTIPLY_ARGUMENTS);
}

void ck_fft_correlate(CORRELATE_PARAMETERS) {
  HAS_WIDEST ? correlate_widest(CORRELATE_ARGUMENTS) : correlate_narrow(CORRELATE_ARGUMENTS);
}
