#pragma once
#include <stddef.h>
#include <stdint.h>

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

/// The places of windows in images, counted from 0, image after image.
typedef struct {
  /// Where the first window of each image begins.
  const float *const *images;
  /// Of an image; so many of them stand side by side; and so far apart are those runs.
  size_t places, run, row;
  /// How many places at the end of each `row` nobody wants, if they are counted with the others.
  size_t gap;
  /// Whether nothing may be read beyond the last place's window; otherwise CK_WINDOWS_SLACK numbers may.
  int exactly;
  /// The first image's results, place after place; from a filter's to the next one's, and from image to image.
  float *maps;
  size_t filter_apart, image_apart;
} CKPlaces;
/// So many panels (`ck_packed_panel`) are computed at once at most.
enum { CK_MOST_PANELS = 64 };

/// The product of filters and the windows of `count` places, from number `first` on. With `bias`, a filter's is added to
/// its results. `sums` has room for the results of as many panels.
void ck_windows_product(CKFilters w, CKTaps taps, CKPlaces at, size_t first, size_t count, const float *bias,
                        float *sums);

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

/// Fills with zeros what lies beside the image.
void ck_clear_padding(const CKPlanes *g, float *planes);
/// Deals an image out; what is padding stays as it is, and what lies beyond the planes is left out.
void ck_split_planes(const CKPlanes *g, const float *image, float *planes);
/// The image that the planes, without the padding, make; zero where there is no plane.
void ck_join_planes(const CKPlanes *g, const float *planes, float *image);

/// Windows over the planes of an image, `channels` times `planes` of them, which products of fewer multiplications are to
/// multiply (see CKWinogradWindows).
typedef struct {
  size_t channels, planes;
  size_t height, width;
  /// Places of a plane that a window sees along either axis; of some planes, one less: those whose kind has 1 see fewer
  /// columns, those whose kind has 2, fewer rows.
  size_t side;
  const uint8_t *kinds;
  /// So far beyond its `side` places lies what is added to them, on all sides; at most 1.
  size_t before;
  size_t output_height, output_width;
  float even;
} CKPhasedWindows;

/// Which windows are uneven, row by row; gives how many. `room` has 5 (`height` + 2) (`width` + 2) numbers and
/// 7 (`width` + 2) more.
size_t ck_phased_uneven(CKPhasedWindows of, const float *planes, float *room, uint8_t *uneven);
