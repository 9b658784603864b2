#include "CKernels.h"
#include <string.h>

// From floats to eight bits, and from sums of whole numbers back.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { WIDTH = 16 };
typedef float vec __attribute__((vector_size(64)));
typedef float vec_any __attribute__((vector_size(64), aligned(4), may_alias));

// The sum of 1.5 * 2^23 and x has no room for a fraction: x comes back rounded, halves to the even neighbour.
#define SHIFTER 12582912.0f

// Whether all are finite shows in a sum of their differences from themselves: 0, or NaN.
INLINE int range_of(const float *x, size_t count, float *low, float *high) {
  vec least = {0}, most = {0}, doubt = {0};
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) {
    vec v = *(const vec_any *)(x + i);
    least = __builtin_elementwise_min(least, v);
    most = __builtin_elementwise_max(most, v);
    doubt += v - v;
  }
  float a = 0, b = 0, d = 0;
  for (; i < count; i++) {
    a = x[i] < a ? x[i] : a;
    b = x[i] > b ? x[i] : b;
    d += x[i] - x[i];
  }
  UNROLL for (int j = 0; j < WIDTH; j++) {
    a = least[j] < a ? least[j] : a;
    b = most[j] > b ? most[j] : b;
    d += doubt[j];
  }
  *low = a;
  *high = b;
  return d == 0;
}

INLINE void fit_range(float low, float high, float *scale, int32_t *zero) {
  float step = (high - low) / 255.0f;
  if (!(step > 0)) step = 1;  // zeros only: any scale will do
  float from = (-low / step + SHIFTER) - SHIFTER;
  *scale = step;
  *zero = (int32_t)(from > 0 ? from < 255 ? from : 255 : 0);
}

INLINE void bytes_of(const float *restrict x, size_t count, float scale, int32_t zero, uint8_t *restrict q) {
  const float shift = (float)zero;
  _Pragma("clang loop vectorize(enable) interleave(enable)") for (size_t i = 0; i < count; i++) {
    float v = x[i] / scale;
    // Nothing beyond 512 steps is within the range, whatever the zero point.
    v = v > -512.0f ? v : -512.0f;
    v = v > 512.0f ? 512.0f : v;
    v = (v + SHIFTER) - SHIFTER + shift;
    v = v < 0.0f ? 0.0f : v;
    v = v > 255.0f ? 255.0f : v;
    q[i] = (uint8_t)(int32_t)v;
  }
}

CK_CLONES int ck_int8_range(const float *x, size_t count, float *low, float *high) {
  return range_of(x, count, low, high);
}

CK_CLONES int ck_int8_fit(const float *x, size_t count, float *scale, int32_t *zero) {
  float low, high;
  int finite = range_of(x, count, &low, &high);
  fit_range(low, high, scale, zero);
  return finite;
}

CK_CLONES void ck_int8_interleave(const float *x, size_t channels, size_t height, size_t width, float scale,
                                  int32_t zero, uint8_t *q, size_t row_bytes) {
  enum { MOST = 256 };
  uint8_t line[MOST];
  for (size_t c = 0; c < channels; c++)
    for (size_t i = 0; i < height; i++)
      for (size_t j = 0; j < width; j += MOST) {
        size_t count = width - j < MOST ? width - j : MOST;
        bytes_of(x + (c * height + i) * width + j, count, scale, zero, line);
        uint8_t *to = q + i * row_bytes + j * channels + c;
        for (size_t l = 0; l < count; l++) to[l * channels] = line[l];
      }
}

CK_CLONES void ck_int8_quantize(const float *x, size_t count, float scale, int32_t zero, uint8_t *q) {
  bytes_of(x, count, scale, zero, q);
}

CK_CLONES int ck_int8_quantize_rows(const float *x, size_t ldx, size_t rows, size_t width, uint8_t *q, size_t ldq,
                                    size_t padded, float *scale, int32_t *zero, int fit) {
  int finite = 1;
  for (size_t r = 0; r < rows; r++, x += ldx, q += ldq) {
    float low, high;
    finite &= range_of(x, width, &low, &high);
    if (fit) fit_range(low, high, scale + r, zero + r);
    bytes_of(x, width, scale[r], zero[r], q);
    memset(q + width, 0, padded - width);
  }
  return finite;
}

CK_CLONES void ck_int8_scale(const int32_t *restrict c, size_t n, CKInt8Ends ends, float sx, int32_t zx, int32_t total,
                             float *restrict y, int add) {
  // Modulo 2^32, where the sums themselves may have gone beyond; what comes out fits.
  const uint32_t rest = (uint32_t)total - (uint32_t)ends.k * (uint32_t)zx;
#define EACH(ZERO, BIAS, BEFORE) \
  for (size_t j = 0; j < n; j++) { \
    int32_t sum = (int32_t)((uint32_t)c[j] - (uint32_t)zx * (uint32_t)ends.sums[j] - (ZERO)); \
    y[j] = (float)sum * (sx * ends.scales[j]) + (BIAS) + (BEFORE); \
  }
#define ENDS(BEFORE) \
  if (ends.zeros && ends.bias) { \
    EACH((uint32_t)ends.zeros[j] * rest, ends.bias[j], BEFORE) \
  } else if (ends.zeros) { \
    EACH((uint32_t)ends.zeros[j] * rest, 0, BEFORE) \
  } else if (ends.bias) { \
    EACH(0, ends.bias[j], BEFORE) \
  } else { \
    EACH(0, 0, BEFORE) \
  }
  if (add) {
    ENDS(y[j])
  } else {
    ENDS(0)
  }
}

CK_CLONES void ck_int8_scale_planes(const int32_t *c, size_t ldc, size_t places, size_t n, CKInt8Ends ends, float sx,
                                    int32_t zx, float *y, size_t plane) {
  for (size_t j = 0; j < n; j++) {
    const float scale = sx * ends.scales[j], bias = ends.bias ? ends.bias[j] : 0;
    const uint32_t shift = (uint32_t)zx * (uint32_t)ends.sums[j], zero = ends.zeros ? (uint32_t)ends.zeros[j] : 0;
    for (size_t i = 0; i < places; i++) {
      uint32_t rest = zero ? zero * ((uint32_t)c[i * ldc + n] - (uint32_t)ends.k * (uint32_t)zx) : 0;
      y[j * plane + i] = (float)(int32_t)((uint32_t)c[i * ldc + j] - shift - rest) * scale + bias;
    }
  }
}
