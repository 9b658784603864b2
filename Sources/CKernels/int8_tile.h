// A product's inner loops for one kind of vectors; included by int8_product.c once for each, with
//
//     NAME(x)               x with the kind's name
//     TARGET                what the processor must have
//     VEC, HALVES           a vector of sums, and how many of them a panel of 16 takes
//     DOT(sum, a, w)        sum[j] + a[4j] w[4j] + ... + a[4j + 3] w[4j + 3], a from 0 to 255, w from -128 to 127
//     SPREAD(p)             the four bytes at p, again and again
//     TALL, ALONG           rows and panels of a tile

// `rows` rows against `panels` panels. One row alone would wait for its sums, so it has `ways` of each.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(const int rows, const int panels, const int ways,
                                                                    CKBytes a, const int8_t *w, size_t panel_bytes,
                                                                    int32_t *c, size_t ldc) {
  VEC sum[2][TALL][ALONG][HALVES];
  UNROLL for (int v = 0; v < ways; v++) UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < panels; j++)
      UNROLL for (int h = 0; h < HALVES; h++) sum[v][i][j][h] = (VEC){0};
  for (size_t s = 0; s < a.segments; s++) {
    const uint8_t *from = a.bytes + a.offsets[s];
    size_t g = 0;
    for (; g + ways <= a.groups; g += ways) {
      UNROLL for (int v = 0; v < ways; v++) {
        VEC x[TALL];
        UNROLL for (int i = 0; i < rows; i++) x[i] = SPREAD(from + i * a.down + 4 * (g + v));
        UNROLL for (int j = 0; j < panels; j++) UNROLL for (int h = 0; h < HALVES; h++) {
          VEC y = *(const VEC *)(w + j * panel_bytes + 64 * (g + v) + h * sizeof(VEC));
          UNROLL for (int i = 0; i < rows; i++) sum[v][i][j][h] = DOT(sum[v][i][j][h], x[i], y);
        }
      }
    }
    if (g < a.groups) {
      UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < panels; j++) UNROLL for (int h = 0; h < HALVES; h++)
          sum[0][i][j][h] = DOT(sum[0][i][j][h], SPREAD(from + i * a.down + 4 * g),
                                *(const VEC *)(w + j * panel_bytes + 64 * g + h * sizeof(VEC)));
    }
    w += 64 * a.groups;
  }
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < panels; j++) UNROLL for (int h = 0; h < HALVES; h++) {
    VEC total = ways == 2 ? sum[0][i][j][h] + sum[1][i][j][h] : sum[0][i][j][h];
    memcpy(c + i * ldc + 16 * j + h * (16 / HALVES), &total, sizeof total);
  }
}

TARGET static inline __attribute__((always_inline)) void NAME(rows)(const int panels, CKBytes a, const int8_t *w,
                                                                    size_t panel_bytes, int32_t *c, size_t ldc) {
  for (size_t at = 0; at < a.rows;) {
    size_t left = a.rows - at;
    // Tiles of nearly the same height: 7 rows are 4 and 3, not 6 and 1.
    size_t tiles = (left + TALL - 1) / TALL, rows = (left + tiles - 1) / tiles;
    switch (rows) {
#define CASE(R) \
  case R: \
    if (R <= TALL) NAME(tile)(R, panels, R == 1 ? 2 : 1, a, w, panel_bytes, c, ldc); \
    break;
      CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#undef CASE
    }
    a.bytes += rows * a.down;
    c += rows * ldc;
    at += rows;
  }
}

TARGET static void NAME(product)(CKBytes a, const int8_t *w, size_t panels, int32_t *c, size_t ldc) {
  size_t panel_bytes = 64 * a.segments * a.groups, p = 0;
  for (; p + ALONG <= panels; p += ALONG) NAME(rows)(ALONG, a, w + p * panel_bytes, panel_bytes, c + 16 * p, ldc);
  for (; p < panels; p++) NAME(rows)(1, a, w + p * panel_bytes, panel_bytes, c + 16 * p, ldc);
}

#undef NAME
#undef TARGET
#undef VEC
#undef HALVES
#undef DOT
#undef SPREAD
#undef TALL
#undef ALONG
