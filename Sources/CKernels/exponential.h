#pragma once
// exp and what is made of it, for one number, in a form that clang vectorises when it stands in a loop.
#include "CKernels.h"
#include <math.h>
#include <string.h>

#define CK_INLINE static inline __attribute__((always_inline))

// exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2; exp(r) by a polynomial with the
// coefficients of Cephes' expf (S. L. Moshier, netlib.org/cephes), as tanh's and log's below are of its tanhf and
// logf. Clang does not vectorise expf; this form it does: 0.2 ns an element instead of 1.4.
CK_INLINE float exp_one(float x) {
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

// tanh(x) = sign(x) (1 - 2 / (exp(2|x|) + 1)); for small |x|, where that cancels, x - x^3/3 + ...
CK_INLINE float tanh_one(float x) {
  float a = x < 0 ? -x : x, q = x * x;
  float big = 1.0f - 2.0f / (exp_one(2.0f * a) + 1.0f);
  big = x < 0 ? -big : big;
  float p = -5.70498872745e-3f;
  p = p * q + 2.06390887954e-2f;
  p = p * q - 5.37397155531e-2f;
  p = p * q + 1.33314422036e-1f;
  p = p * q - 3.33332819422e-1f;
  float small = x + x * q * p;
  return a < 0.625f ? small : big;
}

CK_INLINE float sigmoid_one(float x) { return 1.0f / (1.0f + exp_one(-x)); }

// exp(x) - 1 = 2t / (1 - t) with t = tanh(x / 2): no digits are lost near 0. For x <= 0 only.
CK_INLINE float expm1_negative(float x) {
  float t = tanh_one(0.5f * x);
  return 2.0f * t / (1.0f - t);
}

// log(x) = e ln 2 + log(m) with x = 2^e m and m between sqrt(1/2) and sqrt(2).
CK_INLINE float log_one(float x) {
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;  // subnormals made normal
  float shift = x < 1.17549435e-38f ? -23.0f : 0.0f;
  int32_t bits;
  memcpy(&bits, &scaled, 4);
  int32_t e = (bits - 0x3f3504f3) >> 23;  // 0x3f3504f3 is sqrt(1/2)
  int32_t rest = bits - (e << 23);
  float m;
  memcpy(&m, &rest, 4);
  float r = m - 1.0f, n = (float)e + shift, z = r * r;
  float p = 7.0376836292e-2f;
  p = p * r - 1.1514610310e-1f;
  p = p * r + 1.1676998740e-1f;
  p = p * r - 1.2420140846e-1f;
  p = p * r + 1.4249322787e-1f;
  p = p * r - 1.6668057665e-1f;
  p = p * r + 2.0000714765e-1f;
  p = p * r - 2.4999993993e-1f;
  p = p * r + 3.3333331174e-1f;
  float y = r * z * p - 2.12194440e-4f * n - 0.5f * z + r + 0.693359375f * n;
  y = x == INFINITY ? x : y;
  y = x == 0 ? -INFINITY : y;
  return x >= 0 ? y : NAN;
}

// log(1 + x) for 0 <= x <= 1: the part of x that 1 + x rounds off is added back, to first order.
CK_INLINE float log1p_one(float x) {
  float u = 1.0f + x;
  return log_one(u) + (x - (u - 1.0f)) / u;
}

// erf(x): for small |x| an odd polynomial, else sign(x) (1 - exp(a polynomial)). The coefficients are those of
// N. Juffa's minimax fit, error below 1 unit in the last place with fused multiply and add.
CK_INLINE float erf_one(float x) {
  float t = x < 0 ? -x : x, s = x * x;
  float r = -1.72853470e-5f * t + 3.83197126e-4f;
  float u = -3.88396438e-3f * t + 2.42546219e-2f;
  r = r * s + u;
  r = r * t - 1.06777877e-1f;
  r = r * t - 6.34846687e-1f;
  r = r * t - 1.28717512e-1f;
  r = r * t - t;
  float big = 1.0f - exp_one(r);
  big = x < 0 ? -big : big;
  float p = -5.96761703e-4f;
  p = p * s + 4.99119423e-3f;
  p = p * s - 2.67681349e-2f;
  p = p * s + 1.12819925e-1f;
  p = p * s - 3.76125336e-1f;
  p = p * s + 1.28379166e-1f;
  float small = p * x + x;
  return t > 0.927734375f ? big : small;
}
