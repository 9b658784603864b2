#include "CKernels.h"
#include <math.h>
#include <string.h>

CK_CLONES void ck_relu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];  // NaN stays NaN, as in PyTorch
}

CK_CLONES void ck_relu_backward(const float *dy, const float *y, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}

// exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2; exp(r) by a polynomial with the
// coefficients of Cephes' expf (S. L. Moshier, netlib.org/cephes), as tanh's below are of its tanhf. Clang does not vectorise expf; this form it does: 0.2 ns an element instead of 1.4.
static inline __attribute__((always_inline)) float exp_one(float x) {
  float clamped = x > 88.72283f ? 88.72283f : x;
  clamped = clamped < -103.97f ? -103.97f : clamped;
  float n = __builtin_rintf(clamped * 1.44269504088896341f);
  float r = clamped - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n in two factors, so that results below 2^-126 come out as subnormals instead of garbage.
  int32_t whole = (int32_t)n, half = whole >> 1;
  int32_t bits1 = (half + 127) << 23, bits2 = (whole - half + 127) << 23;
  float s1, s2;
  memcpy(&s1, &bits1, 4);
  memcpy(&s2, &bits2, 4);
  float y = p * s1 * s2;
  y = x > 88.72283f ? INFINITY : y;
  y = x < -103.97f ? 0.0f : y;
  return x != x ? x : y;
}

CK_CLONES void ck_exp(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = exp_one(x[i]);
}

CK_CLONES void ck_sigmoid(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = 1.0f / (1.0f + exp_one(-x[i]));
}

// tanh(x) = sign(x) (1 - 2 / (exp(2|x|) + 1)); for small |x|, where that cancels, x - x^3/3 + ...
CK_CLONES void ck_tanh(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float v = x[i], a = v < 0 ? -v : v, q = v * v;
    float big = 1.0f - 2.0f / (exp_one(2.0f * a) + 1.0f);
    big = v < 0 ? -big : big;
    float p = -5.70498872745e-3f;
    p = p * q + 2.06390887954e-2f;
    p = p * q - 5.37397155531e-2f;
    p = p * q + 1.33314422036e-1f;
    p = p * q - 3.33332819422e-1f;
    float small = v + v * q * p;
    y[i] = a < 0.625f ? small : big;
  }
}

CK_CLONES void ck_axpy(float a, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}
