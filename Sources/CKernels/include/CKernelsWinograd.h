#pragma once
#include <stddef.h>
#include <stdint.h>

// The pieces of a 3 x 3 convolution of stride 1 by Winograd's products; see winograd.c. Channels come in multiples of
// CK_WINOGRAD_LANES, side by side: a map is kept as rows of places, and a place as its channels.

enum { CK_WINOGRAD_LANES = 8, CK_WINOGRAD_PRODUCTS = 16 };

/// One row of `channels` maps, which lie `plane` apart, becomes `width` places. Each group of `per_group` channels gets
/// for each place the sum of the numbers' magnitudes and the largest of them, at [group * apart + place].
void ck_winograd_gather_row(const float *x, size_t plane, size_t width, size_t channels, size_t per_group, float *to,
                            float *sums, float *most, size_t apart);

/// `width` places become one row of `channels` maps, which lie `plane` apart; with `bias`, if given, of each.
void ck_winograd_scatter_row(const float *from, size_t width, size_t channels, const float *bias, float *y,
                             size_t plane);

/// A window is even if no number in it is more than this part of the sum of their magnitudes. The products of an uneven
/// one would be rounded as that number is, though a small weight may leave little of it in the sum.
enum { CK_WINOGRAD_EVEN = 8 };

/// Which of `count` windows side by side are uneven, by the sums and largest numbers of three rows of places; the columns
/// of a window lie `step` apart. Gives their number.
size_t ck_winograd_uneven(const float *const sums[3], const float *const most[3], size_t step, size_t count,
                          uint8_t *uneven);
/// The sum of the magnitudes of some numbers, and the largest; a NaN shows in the sum.
void ck_magnitudes(const float *x, size_t count, float *sum, float *most);

/// The four rows of a tile's places, or the first two of them; a tile's places lie `step` places apart.
typedef struct {
  const float *rows[4];
  size_t step, channels;
} CKWinogradRows;

/// B^T d B of `tiles` tiles, whose first places are `columns`; the products' numbers lie `stride` apart.
void ck_winograd_input(CKWinogradRows from, size_t tiles, const size_t *columns, float *to, size_t stride);
/// A z A^T of the tiles' two rows of two places.
void ck_winograd_upstream(CKWinogradRows from, size_t tiles, const size_t *columns, float *to, size_t stride);
/// A^T m A, into two rows of two places.
void ck_winograd_output(const float *from, size_t stride, size_t tiles, const size_t *columns, size_t channels,
                        size_t step, float *upper, float *lower);

/// Where the nine taps of a filter stand: those of channel k and filter n at k * `k_stride` + n * `n_stride`; the last
/// one first, with `turned`.
typedef struct {
  const float *taps;
  size_t k_stride, n_stride;
  int turned;
} CKWinogradFilters;

/// G g G^T of the filters of panels `first` and on, `panels` of them, as `ck_pack` would pack k x n; those of the
/// sixteen products lie `stride` apart.
void ck_winograd_filters(CKWinogradFilters from, size_t k, size_t n, size_t first, size_t panels, float *to,
                         size_t stride);
/// G^T m G for `count` channels of one filter: nine taps each.
void ck_winograd_taps(const float *from, size_t stride, size_t count, float *to);
