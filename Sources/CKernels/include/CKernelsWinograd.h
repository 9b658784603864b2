#pragma once
#include <stddef.h>
#include <stdint.h>

// The pieces of a convolution by Winograd's products; see winograd.c. Channels come in multiples of
// CK_WINOGRAD_LANES, side by side: a map is kept as rows of places, and a place as its channels. A tile sees four
// places along each axis. For windows of 3 it has two outputs, and for windows of 2 three.

enum { CK_WINOGRAD_LANES = 8, CK_WINOGRAD_PRODUCTS = 16 };

/// One row of `channels` maps, which lie `plane` apart, becomes `width` places. Each group of `per_group` channels gets
/// for each place the sum of the numbers' magnitudes and the largest of them, at [group * apart + place].
void ck_winograd_gather_row(const float *x, size_t plane, size_t width, size_t channels, size_t per_group, float *to,
                            float *sums, float *most, size_t apart);

/// `width` places become one row of `channels` maps, which lie `plane` apart; with `bias`, if given, of each.
void ck_winograd_scatter_row(const float *from, size_t width, size_t channels, const float *bias, float *y,
                             size_t plane);

/// Rows of sums and largest numbers have so many zeros before their first place and after their last.
enum { CK_WINOGRAD_MARGIN = 4 };

/// The places of windows side by side, by the sums and largest numbers of rows of places: those that a window sees, and
/// those that Winograd's products add to them.
///
/// A window is even if   even * most * (all / own) <= own   where `own` is the sum of the magnitudes that it sees,
/// `all` and `most` the sum and the largest of those near it. The results of an uneven one would be rounded as that
/// largest number is, though little of it may be left in the sum.
typedef struct {
  const float *sums, *most;
  /// Where the rows begin; the first of them that the windows see, and the one after the last.
  const size_t *rows;
  size_t row_count, seen_rows[2];
  /// Places that a window sees along a row from its own on, and places near it, from `before` its own on: so many,
  /// `step` apart.
  size_t seen_columns, columns, before, step;
  /// From one window's place to the next, and the places of a row.
  size_t apart, width;
  float even;
} CKWinogradWindows;

/// Which of `count` windows are uneven, at every `apart`th of `uneven`; gives 0 if none is. `room` has three numbers
/// for each place of a row with its margins, and it and `uneven` have CK_WINOGRAD_LANES more.
size_t ck_winograd_uneven(CKWinogradWindows of, size_t count, float *room, uint8_t *uneven);

/// The sums of the magnitudes of a map, and the largest of them, for each of phases x phases phases: one, or the even
/// and the odd places of the even rows, and those of the odd ones. A NaN shows in the sum.
void ck_magnitudes(const float *x, size_t height, size_t width, size_t phases, float *sums, float *most);

/// The rows of a tile's places, whose columns lie `step` places apart.
typedef struct {
  const float *rows[4];
  size_t step, channels;
} CKWinogradRows;

/// What a tile becomes along an axis: four products; the first three of them, where there is but one weight and the
/// fourth would be zero; or, with one weight, its three outputs' own places, which are multiplied as they stand.
typedef enum { CK_WINOGRAD_FOUR, CK_WINOGRAD_THREE, CK_WINOGRAD_PLAIN } CKWinogradAxis;

/// The numbers of 4 x 4 products: how far it is from one tile's to the next, and from one product's to the next.
typedef struct {
  float *numbers;
  size_t tile, product;
  CKWinogradAxis down, across;
} CKWinogradTiles;

/// The rows of a tile's outputs.
typedef struct {
  float *rows[3];
  size_t step, channels;
} CKWinogradOutputs;

/// B^T d B of `tiles` tiles, whose first places are `columns`.
void ck_winograd_input(CKWinogradRows from, size_t tiles, const size_t *columns, CKWinogradTiles to);
/// A z A^T of the tiles' rows of `outputs` x `outputs` places, 2 or 3.
void ck_winograd_upstream(CKWinogradRows from, int outputs, size_t tiles, const size_t *columns, CKWinogradTiles to);
/// A^T m A, into rows of `outputs` x `outputs` places. CK_WINOGRAD_THREE is not for it.
void ck_winograd_output(CKWinogradTiles from, int outputs, size_t tiles, const size_t *columns, CKWinogradOutputs to);

/// Where filters stand: channel k of filter n at k * `k_stride` + n * `n_stride`, and of it the `side` x `side`
/// weights, 3 or 2, each at its own place from there; below 0, it is zero. Nine stand in order or in reverse, if the first
/// and the last lie eight apart. Along an axis that stays plain, a single one is asked for, the last, and a single product
/// made, the first.
typedef struct {
  const float *taps;
  size_t k_stride, n_stride;
  int side, plain_down, plain_across;
  ptrdiff_t at[9];
} CKWinogradFilters;

/// A product's matrix as `ck_pack` would pack it, of `depth` rows, and the row of the first channel; none, without
/// numbers.
typedef struct {
  float *numbers;
  size_t first, depth;
} CKWinogradPacked;

/// G g G^T of the filters of one of the panels that `n` filters have, from its first one's first channel on.
void ck_winograd_filters(CKWinogradFilters from, size_t channels, const CKWinogradPacked to[16], size_t n,
                         size_t panel);
/// G^T m G for `count` channels of one filter, whose numbers `from` has; `of` says where its weights go.
void ck_winograd_taps(CKWinogradTiles from, size_t count, CKWinogradFilters of, float *to);
