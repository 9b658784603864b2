#pragma once
#include <stddef.h>
#include <stdint.h>

// Convolution by the Fourier transform, on circles of 16 x 16 places.
//
// Sixteen maps (channels of one image, or filters) are worked on at once, one in each lane of a vector. The real
// transform of a map has CK_FFT_BINS complex numbers; bin f of sixteen maps stands at `bins + f * stride`, sixteen
// real parts and then sixteen imaginary ones. So the bins of a block of tiles are 130 small complex matrices, and a
// convolution is one product of matrices for each.

enum { CK_FFT_SIZE = 16, CK_FFT_BINS = 130, CK_FFT_LANES = 16 };

/// Where sixteen maps, or fewer, lie in memory.
typedef struct {
  size_t lanes;       ///< maps, at most 16; the lanes beyond are zero
  size_t laneStride;  ///< numbers from one map to the next
  size_t rowStride;   ///< numbers from one row of a map to the next
} CKMaps;

/// A rectangle of the 16 x 16 circle.
typedef struct {
  size_t row, column;    ///< its upper left corner
  size_t rows, columns;  ///< its size; zero lies outside it
} CKPatch;

/// How evenly the numbers of a tile lie, over all its maps: taken while they are loaded. Begins as zeros.
typedef struct {
  float sums[CK_FFT_SIZE][CK_FFT_SIZE];  ///< of |x| over the maps, for each place of the circle
  float squares[16];                     ///< parts of the sum of all x^2
  float largest[16];                     ///< parts of the largest |x|
} CKSpread;

/// The transform of `patch`, whose upper left corner in the first map is `x`. Nothing at or beyond `end` is read.
/// The bins are multiplied by `scale`; `conjugate` turns their sign. `spread`, if any, grows by what is loaded.
void ck_fft_forward(const float *x, const float *end, CKMaps maps, CKPatch patch, float scale, int conjugate,
                    float *bins, size_t stride, CKSpread *spread);

/// The transform of the gradient at the raw output of convolution + ReLU + 2x2 pooling, from the gradient `dy` at
/// the pooled maps and the `route` that the forward left. `patch` and `maps` are those of the pooled maps.
void ck_fft_forward_unpool(const float *dy, const float *end, const uint8_t *route, CKMaps maps, CKPatch patch,
                           float *bins, size_t stride, CKSpread *spread);

/// Windows of `rows` x `columns` places of the circle whose upper left corners are the places `top ..< bottom`,
/// `left ..< right`; corners may lie up to CK_FFT_MARGIN places outside.
typedef struct {
  ptrdiff_t top, bottom, left, right;
  size_t rows, columns;
  /// The tile's rows and columns where windows go on in neighbours: `row` is 1 for one above, 2 for one below or 3 for
  /// both, and `column` likewise for left and right.
  CKPatch shared;
} CKWindowRange;
enum { CK_FFT_MARGIN = 8 };

/// The windows beside whose numbers a transform's rounding is not small. Rounding spreads over the tile in proportion to
/// the root of the sum of all squares; so a window that sees much less than the others, or nothing at all, is poor: `poor`
/// has a 1 for each of those and a 0 for the others, row by row. How many there are; or -1 where the whole tile will not
/// do: a number in it is none, or stands out of `count` numbers, or a poor window goes on in a neighbour.
int ck_fft_poor_windows(const CKSpread *spread, size_t count, CKWindowRange windows, uint8_t *poor);

/// How many numbers of a map are lit, were all of the same size: (sum of |x|)^2 / sum of x^2 / maps; infinity for zeros.
float ck_fft_lit(const CKSpread *spread, size_t maps);

/// The inverse, times 256, of the bins summed over `parts` buffers `partStride` apart, cut to `patch`. Adds
/// `bias` (one for each lane) when there is one; adds to what is there when `add`.
void ck_fft_inverse(const float *bins, size_t stride, size_t parts, size_t partStride, float scale,
                    const float *bias, float *y, CKMaps maps, CKPatch patch, int add);

/// The inverse, times 256, with bias, ReLU and 2x2 pooling, and the route as `ck_bias_relu_pool2` has it.
/// `patch` and `maps` are those of the pooled maps.
void ck_fft_inverse_pool(const float *bins, size_t stride, const float *bias, float *y, uint8_t *route, CKMaps maps,
                         CKPatch patch);

/// For every bin, C = A B: `tiles` rows, `depth` channels in A, `vectors` x 16 channels in B and C.
/// A [tile][depth / 16][re, im][16], B [depth][vectors][re, im][16], C [tile][vectors][re, im][16].
void ck_fft_multiply(size_t tiles, size_t depth, size_t vectors, const float *a, size_t aBin, size_t aTile,
                     const float *b, size_t bBin, float *c, size_t cBin, size_t cTile);

/// For every bin, C = (C +) transpose(A) conj(B), summed over tiles: `rows` channels in A, `vectors` x 16 in B.
/// A [tile][rows / 16][re, im][16], B [tile][vectors][re, im][16], C [rows][vectors][re, im][16].
void ck_fft_correlate(size_t tiles, size_t rows, size_t vectors, const float *a, size_t aBin, size_t aTile,
                      const float *b, size_t bBin, size_t bTile, float *c, size_t cBin, int accumulate);
