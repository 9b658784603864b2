#include "CKernels.h"
#include "exponential.h"

// Sums may be taken in any order here (`reassociate`), which is what lets clang keep many partial sums in vectors.
// The order is fixed when this is compiled, so a machine gives the same bits every time.

CK_INLINE float sum_row(const float *x, size_t count) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (size_t i = 0; i < count; i++) total += x[i];
  return total;
}

CK_INLINE float dot_row(const float *x, const float *y, size_t count) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (size_t i = 0; i < count; i++) total += x[i] * y[i];
  return total;
}

CK_INLINE float deviations_row(const float *x, float mean, size_t count) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (size_t i = 0; i < count; i++) total += (x[i] - mean) * (x[i] - mean);
  return total;
}

// The largest number, in 16 lanes; a NaN is passed over here and shows up in the exponentials.
CK_INLINE float largest(const float *x, size_t count) {
  float top = -INFINITY;
  size_t whole = count / 16 * 16;
  if (whole) {
    float lane[16];
    for (int l = 0; l < 16; l++) lane[l] = x[l];
    for (size_t i = 16; i < whole; i += 16)
      for (int l = 0; l < 16; l++) lane[l] = x[i + l] > lane[l] ? x[i + l] : lane[l];
    for (int l = 0; l < 16; l++) top = lane[l] > top ? lane[l] : top;
  }
  for (size_t i = whole; i < count; i++) top = x[i] > top ? x[i] : top;
  return top;
}

CK_CLONES float ck_sum(const float *x, size_t count) { return sum_row(x, count); }
CK_CLONES float ck_dot_deviations(const float *y, const float *x, float center, size_t count) {
#pragma clang fp reassociate(on)
  float total = 0;
  for (size_t i = 0; i < count; i++) total += y[i] * (x[i] - center);
  return total;
}

CK_CLONES CKMoments ck_moments(const float *x, size_t count) {
#pragma clang fp reassociate(on)
  float center = count ? sum_row(x, count) / (float)count : 0, sum = 0, squares = 0;
  for (size_t i = 0; i < count; i++) {
    float distance = x[i] - center;
    sum += distance;
    squares += distance * distance;
  }
  return (CKMoments){center, sum, squares};
}

CK_CLONES void ck_affine(const float *x, float center, float a, float b, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = a * (x[i] - center) + b;
}

CK_CLONES void ck_combine(const float *x, const float *y, float center, float a, float b, float c, float *z,
                          size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = a * x[i] + b * (y[i] - center) + c;
}

// Exponentials of many rows at once: the numbers left over at the end of a row, one by one, would cost as much as the
// rest of a row of a hundred.
enum { AT_ONCE = 2048 };

// How many rows of so many numbers to take at once.
CK_INLINE size_t rows_at_once(size_t rows, size_t width) {
  size_t most = width < AT_ONCE ? AT_ONCE / (width ? width : 1) : 1;
  return rows < most ? rows : most;
}

CK_INLINE void exponentials(float *x, size_t count) {
#pragma clang loop interleave_count(2)
  for (size_t i = 0; i < count; i++) x[i] = exp_one(x[i]);
}

CK_CLONES void ck_softmax_rows(const float *x, float *y, size_t rows, size_t width, float scale) {
  for (size_t r = 0, here; r < rows; r += here) {
    here = rows_at_once(rows - r, width);
    for (size_t s = r; s < r + here; s++) {
      const float *in = x + s * width;
      float *out = y + s * width, top;
      if (scale >= 0) {
        top = largest(in, width) * scale;
      } else {
        for (size_t i = 0; i < width; i++) out[i] = -in[i];
        top = largest(out, width) * -scale;
        for (size_t i = 0; i < width; i++) out[i] = -out[i];
        in = out;
      }
      for (size_t i = 0; i < width; i++) out[i] = scale * in[i] - top;
    }
    exponentials(y + r * width, here * width);
    for (size_t s = r; s < r + here; s++) {
      float *out = y + s * width, inverse = 1.0f / sum_row(out, width);
      for (size_t i = 0; i < width; i++) out[i] *= inverse;
    }
  }
}

CK_CLONES void ck_softmax_rows_backward(const float *dy, const float *y, float *dx, size_t rows, size_t width,
                                        float scale) {
  for (size_t r = 0; r < rows; r++) {
    const float *up = dy + r * width, *p = y + r * width;
    float *out = dx + r * width, mean = dot_row(up, p, width);
    for (size_t i = 0; i < width; i++) out[i] = scale * p[i] * (up[i] - mean);
  }
}

CK_CLONES void ck_log_softmax_rows(const float *x, float *y, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * width;
    float *out = y + r * width, top = largest(in, width);
    for (size_t i = 0; i < width; i++) out[i] = exp_one(in[i] - top);
    float logSum = log_one(sum_row(out, width));
    for (size_t i = 0; i < width; i++) out[i] = in[i] - top - logSum;
  }
}

CK_CLONES void ck_log_softmax_rows_backward(const float *dy, const float *y, float *dx, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *up = dy + r * width, *logP = y + r * width;
    float *out = dx + r * width, total = sum_row(up, width);
    for (size_t i = 0; i < width; i++) out[i] = up[i] - exp_one(logP[i]) * total;
  }
}

// Numbers whose squares are too large for single precision: 0 for 1 / sqrt(infinity) would make them all zero.
static void norm_large_row(const float *x, size_t width, float eps, int centred, float *mean, float *rstd) {
  double m = 0, squares = 0;
  if (centred) {
    for (size_t i = 0; i < width; i++) m += x[i];
    m /= (double)width;
  }
  for (size_t i = 0; i < width; i++) squares += (x[i] - m) * (x[i] - m);
  *mean = (float)m;
  *rstd = (float)(1 / __builtin_sqrt(squares / (double)width + eps));
}

CK_CLONES void ck_norm_rows(const float *x, const float *gamma, const float *beta, float *y, float *mean, float *rstd,
                            size_t rows, size_t width, float eps, int centred) {
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * width;
    float *out = y + r * width;
    float m = centred ? sum_row(in, width) / (float)width : 0;
    float s = 1.0f / __builtin_sqrtf(deviations_row(in, m, width) / (float)width + eps);
    if (!(s > 0)) norm_large_row(in, width, eps, centred, &m, &s);
    mean[r] = m;
    rstd[r] = s;
    if (gamma && beta) {
      for (size_t i = 0; i < width; i++) out[i] = (in[i] - m) * s * gamma[i] + beta[i];
    } else if (gamma) {
      for (size_t i = 0; i < width; i++) out[i] = (in[i] - m) * s * gamma[i];
    } else {
      for (size_t i = 0; i < width; i++) out[i] = (in[i] - m) * s;
      if (beta) for (size_t i = 0; i < width; i++) out[i] += beta[i];
    }
  }
}

CK_CLONES void ck_norm_rows_backward(const float *dy, const float *x, const float *gamma, const float *mean,
                                     const float *rstd, float *dx, float *dgamma, float *dbeta, size_t rows,
                                     size_t width, int centred) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < rows; r++) {
    const float *up = dy + r * width, *in = x + r * width;
    float m = mean[r], s = rstd[r];
    if (dgamma) for (size_t i = 0; i < width; i++) dgamma[i] += up[i] * (in[i] - m) * s;
    if (dbeta) for (size_t i = 0; i < width; i++) dbeta[i] += up[i];
    if (!dx) continue;
    float *out = dx + r * width, total = 0, along = 0;
    if (gamma) {
      for (size_t i = 0; i < width; i++) {
        float d = up[i] * gamma[i];
        total += d;
        along += d * (in[i] - m);
      }
    } else {
      for (size_t i = 0; i < width; i++) {
        total += up[i];
        along += up[i] * (in[i] - m);
      }
    }
    total = centred ? total / (float)width : 0;
    along = along * s * s / (float)width;
    if (gamma) {
      for (size_t i = 0; i < width; i++) out[i] = s * (up[i] * gamma[i] - total - (in[i] - m) * along);
    } else {
      for (size_t i = 0; i < width; i++) out[i] = s * (up[i] - total - (in[i] - m) * along);
    }
  }
}
