#pragma once
// Rows and planes: sums along them, softmax and normalisation. Included by CKernels.h.

/// The sum of `count` numbers.
float ck_sum(const float *x, size_t count);
/// A number near the mean, and the sums of x - center and of (x - center)^2.
typedef struct {
  float center, sum, squares;
} CKMoments;
CKMoments ck_moments(const float *x, size_t count);
/// The sum of y (x - center).
float ck_dot_deviations(const float *y, const float *x, float center, size_t count);
/// y = a (x - center) + b
void ck_affine(const float *x, float center, float a, float b, float *y, size_t count);
/// z = a x + b (y - center) + c
void ck_combine(const float *x, const float *y, float center, float a, float b, float c, float *z, size_t count);

/// y = softmax(scale x) of each row; may be done in place.
void ck_softmax_rows(const float *x, float *y, size_t rows, size_t width, float scale);
/// dx = scale y (dy - sum dy y) of each row; may be done in place on dy.
void ck_softmax_rows_backward(const float *dy, const float *y, float *dx, size_t rows, size_t width, float scale);
/// y = log softmax(x) of each row
void ck_log_softmax_rows(const float *x, float *y, size_t rows, size_t width);
/// dx = dy - exp(y) sum dy of each row
void ck_log_softmax_rows_backward(const float *dy, const float *y, float *dx, size_t rows, size_t width);

/// y = (x - mean) rstd gamma + beta of each row, and the rows' mean and rstd = 1 / sqrt(variance + eps).
/// gamma and beta may be NULL. With `centred` 0 the mean is taken as 0: RMS norm.
void ck_norm_rows(const float *x, const float *gamma, const float *beta, float *y, float *mean, float *rstd, size_t rows,
                  size_t width, float eps, int centred);
/// dx of each row; adds to dgamma and dbeta, each `width` long, where they are not NULL. dx may be NULL.
void ck_norm_rows_backward(const float *dy, const float *x, const float *gamma, const float *mean, const float *rstd,
                           float *dx, float *dgamma, float *dbeta, size_t rows, size_t width, int centred);
