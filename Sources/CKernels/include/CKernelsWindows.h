#pragma once
#include <stddef.h>

/// Where windows lie on an image whose padding is part of it: window (i, j) begins at i * `row` + j, and its tap t lies
/// `taps[t]` further.
typedef struct {
  size_t output_width, row;
  size_t tap_count;
  const size_t *taps;
} CKWindows;

/// The most places that can be gathered at once.
enum { CK_WINDOWS_PLACES = 1024 };
/// How many floats after the image may be read, and after the columns written.
enum { CK_WINDOWS_SLACK = 16 };

/// The windows of `count` places, from place number `first` on, as the columns of a matrix with a row for each tap, its
/// rows `apart`.
void ck_gather_windows(CKWindows g, const float *image, size_t first, size_t count, float *columns, size_t apart);
/// Adds such columns to where they came from.
void ck_scatter_windows(CKWindows g, const float *columns, size_t first, size_t count, float *image);

/// Filters packed for `ck_windows_product`: `count` of them, of `taps` numbers each.
typedef struct {
  const float *numbers;
  size_t count, taps;
} CKFilters;
/// The floats that M filters of K numbers take when they are packed.
size_t ck_filters_count(size_t m, size_t k);
/// Packs `CK_PACKED_DEPTH` numbers of each filter, or what is left of them, from number `k0` on, a multiple of that.
void ck_filters_pack(const float *w, size_t m, size_t k, size_t k0, float *packed);

/// Where a window's taps lie from its place on: tap k at `at[k]`. What the next places will see is fetched ahead by the
/// `fresh` ones among them, in order: those that see lines of the cache which no other does. With none of them, nothing is.
typedef struct {
  const size_t *at;
  const size_t *fresh;
  size_t fresh_count;
} CKTaps;

/// C = filters times windows, for `places` neighbouring places, rounded up to whole panels (`ck_packed_panel`); as many
/// more are written, and as many numbers of the image read. With `bias`, a filter's is added to its results.
void ck_windows_product(CKFilters w, const float *image, CKTaps taps, size_t places, const float *bias, float *c,
                        size_t ldc);

/// An image whose rows and columns are dealt out among planes, as a stride of `down` and `right` visits them. Row i and
/// column j of the padded image lie in row i / down and column j / right of plane `number[i % down * right + j % right]`,
/// of which each channel has `planes`; where that number is below 0, no window sees the place, and there is no plane.
typedef struct {
  size_t channels, height, width;
  size_t down, right;
  size_t above, left;
  size_t planes, plane_height, plane_width;
  const int *number;
} CKPlanes;

/// Deals an image out; what is padding stays as it is.
void ck_split_planes(const CKPlanes *g, const float *image, float *planes);
/// The image that the planes, without the padding, make; zero where there is no plane.
void ck_join_planes(const CKPlanes *g, const float *planes, float *image);
/// Rows that lie `apart` become rows that follow each other, with `bias` added.
void ck_add_bias_rows(const float *from, size_t apart, size_t rows, size_t width, float bias, float *to);
