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

/// The transform of `patch`, whose upper left corner in the first map is `x`. Nothing at or beyond `end` is read.
/// The bins are multiplied by `scale`; `conjugate` turns their sign.
void ck_fft_forward(const float *x, const float *end, CKMaps maps, CKPatch patch, float scale, int conjugate,
                    float *bins, size_t stride);

/// The transform of the gradient at the raw output of convolution + ReLU + 2x2 pooling, from the gradient `dy` at
/// the pooled maps and the `route` that the forward left. `patch` and `maps` are those of the pooled maps.
void ck_fft_forward_unpool(const float *dy, const float *end, const uint8_t *route, CKMaps maps, CKPatch patch,
                           float *bins, size_t stride);

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
