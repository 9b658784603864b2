#include "CKernels.h"
#include "exponential.h"

CK_CLONES void ck_relu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];  // NaN stays NaN, as in PyTorch
}

CK_CLONES void ck_relu_backward(const float *dy, const float *y, float *dx, size_t count) {
  for (size_t i = 0; i < count; i++) dx[i] = y[i] <= 0 ? 0 : dy[i];  // at NaN dy, as in PyTorch
}

CK_CLONES void ck_exp(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = exp_one(x[i]);
}

CK_CLONES void ck_sigmoid(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = 1.0f / (1.0f + exp_one(-x[i]));
}

CK_CLONES void ck_tanh(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = tanh_one(x[i]);
}

CK_CLONES void ck_add(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] + y[i];
}
CK_CLONES void ck_subtract(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] - y[i];
}
CK_CLONES void ck_multiply(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] * y[i];
}
CK_CLONES void ck_divide(const float *x, const float *y, float *z, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] / y[i];
}

CK_CLONES void ck_axpy(float a, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}
