#pragma once
// Functions of single numbers, and the gradients of activations. Included by CKernels.h.

/// y = log(x), natural; -inf at 0, NaN below
void ck_log(const float *x, float *y, size_t count);
/// y = erf(x)
void ck_erf(const float *x, float *y, size_t count);
/// dx = dy (1 - y^2), where y = tanh(x)
void ck_tanh_backward(const float *dy, const float *y, float *dx, size_t count);
/// dx = dy y (1 - y), where y = sigmoid(x)
void ck_sigmoid_backward(const float *dy, const float *y, float *dx, size_t count);
/// y = x where x > 0, else slope x
void ck_leaky_relu(const float *x, float *y, size_t count, float slope);
void ck_leaky_relu_backward(const float *dy, const float *x, float *dx, size_t count, float slope);
/// y = x where x > 0, else alpha (exp(x) - 1)
void ck_elu(const float *x, float *y, size_t count, float alpha);
void ck_elu_backward(const float *dy, const float *x, float *dx, size_t count, float alpha);
/// y = x Phi(x), with the normal distribution Phi
void ck_gelu(const float *x, float *y, size_t count);
/// The same, and its derivative.
void ck_gelu_slope(const float *x, float *y, float *slope, size_t count);
/// y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
void ck_gelu_tanh(const float *x, float *y, size_t count);
void ck_gelu_tanh_backward(const float *dy, const float *x, float *dx, size_t count);
/// y = x sigmoid(x)
void ck_silu(const float *x, float *y, size_t count);
void ck_silu_backward(const float *dy, const float *x, float *dx, size_t count);
/// y = log(1 + exp(beta x)) / beta, and x where beta x > threshold
void ck_softplus(const float *x, float *y, size_t count, float beta, float threshold);
void ck_softplus_backward(const float *dy, const float *x, float *dx, size_t count, float beta, float threshold);

/// y = x scale where kept, else 0. Number i is kept when its 32 random bits, the (first + i)-th of Philox 4x32-10 with
/// this key and stream, are at least `threshold`. `first` is a multiple of 4.
void ck_dropout(const float *x, float *y, size_t count, uint64_t first, uint64_t seed, uint64_t stream,
                uint32_t threshold, float scale);
