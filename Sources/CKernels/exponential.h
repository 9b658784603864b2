#pragma once
// exp and what is made of it, for one number, in a form that clang vectorises when it stands in a loop.
#include "CKernels.h"
#include <math.h>
#include <string.h>

#define CK_INLINE static inline __attribute__((always_inline))

// exp(x) = 2^n (1 + p) with n = round(x / ln 2), p = exp(r) - 1 and |r| <= ln 2 / 2; p is a polynomial with the
// coefficients of Cephes' expf (S. L. Moshier, netlib.org/cephes), as those of log below are of its logf. Clang does
// not vectorise expf; this form it does.
CK_INLINE float exp_parts(float x, int32_t *n) {
  // Numbers between 2^23 and 2^24 are whole: adding 1.5 * 2^23 rounds, and leaves n in the lowest bits.
  const float big = 12582912.0f;
  float shifted = x * 1.44269504088896341f + big;
  float whole = shifted - big;
  memcpy(n, &shifted, 4);
  *n -= 0x4b400000;  // the bits of 1.5 * 2^23
  float r = x - whole * 0.693359375f;
  r = r - whole * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * r * r + r;
}

CK_INLINE float power_of_two(int32_t n) {
  int32_t bits = (n + 127) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return power;
}

CK_INLINE float exp_one(float x) {
  // Beyond these the result is infinite, or rounds to 0, without being asked for. A NaN passes both, and stays.
  float clamped = x > 89.0f ? 89.0f : x;
  clamped = clamped < -104.0f ? -104.0f : clamped;
  int32_t n;
  float p = exp_parts(clamped, &n);
  // 2^n in two factors, so that results below 2^-126 come out as subnormals instead of garbage.
  int32_t half = n >> 1;
  return (p + 1.0f) * power_of_two(half) * power_of_two(n - half);
}

// exp(x) for |x| <= 87, or NaN
CK_INLINE float exp_within(float x) {
  int32_t n;
  float p = exp_parts(x, &n), power = power_of_two(n);
  return power + power * p;
}

// tanh(x) = e / (e + 2) with e = exp(2x) - 1: no cancellation near zero. Beyond 15 the result is 1.
CK_INLINE float tanh_one(float x) {
  float a = 2.0f * x;
  a = a > 30.0f ? 30.0f : a;
  a = a < -30.0f ? -30.0f : a;
  int32_t n;
  float p = exp_parts(a, &n), power = power_of_two(n);
  float e = (power - 1.0f) + power * p;
  return e / (e + 2.0f);
}

CK_INLINE float sigmoid_one(float x) { return 1.0f / (1.0f + exp_one(-x)); }

// The same where results below 1e-37 may stop there, as in the gates of recurrent layers.
CK_INLINE float sigmoid_within(float x) {
  float a = -x;
  a = a > 86.0f ? 86.0f : a;  // NaN passes through
  a = a < -86.0f ? -86.0f : a;
  return 1.0f / (1.0f + exp_within(a));
}

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
  float big = 1.0f - exp_within(r < -80.0f ? -80.0f : r);
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

// The normal distribution Phi(x), and its density phi(x). The part of it beyond |x| is exp(-x^2 / 2) M(|x|), where M is
// smooth (Mills' ratio): a polynomial in 1 / (1 + 0.4 |x|), fitted here, with errors below 7e-8 M. One exponential gives
// both, where an error function would take another: two fifths less time.
CK_INLINE float normal_one(float x, float *density) {
  float size = x < 0 ? -x : x, power = -0.5f * x * x;
  float bell = exp_within(power < -87.0f ? -87.0f : power);
  bell = power < -87.0f ? 0 : bell;
  float s = 1.0f / (1.0f + 0.4f * size);
  float mills = -4.000015929e-2f;
  mills = mills * s + 2.023242861e-1f;
  mills = mills * s - 3.768097162e-1f;
  mills = mills * s + 2.540764511e-1f;
  mills = mills * s - 1.422141585e-2f;
  mills = mills * s + 1.590769738e-1f;
  mills = mills * s + 1.556459367e-1f;
  mills = mills * s + 1.599203795e-1f;
  mills = mills * s - 1.275761861e-5f;
  float beyond = bell * mills;
  *density = 0.39894228040143268f * bell;  // 1 / sqrt(2 pi)
  return x < 0 ? beyond : 1.0f - beyond;
}
