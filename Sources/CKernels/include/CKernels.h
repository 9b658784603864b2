#pragma once
#include <stddef.h>
#include <stdint.h>

// The few loops that gain from the widest vectors of the machine at hand. Swift is compiled for the oldest
// x86-64; these are compiled three times (AVX-512, AVX2, baseline) and the loader picks one at run time.
// Each has a plain Swift twin in the tests that it is held to.

// A sanitizer's run-time is not up yet when the loader picks, so that a program would end before `main`; with one, each
// is compiled once.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CK_SANITIZED
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(CK_SANITIZED)
/// For those whose widest variant is written by hand.
#define CK_NARROW_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_NARROW_CLONES
#define CK_CLONES
#endif

/// y = max(x, 0)
void ck_relu(const float *x, float *y, size_t count);
/// dx = 0 where y <= 0, else dy; so at a NaN, dy
void ck_relu_backward(const float *dy, const float *y, float *dx, size_t count);
/// y = exp(x); relative error below 2e-7
void ck_exp(const float *x, float *y, size_t count);
/// y = 1 / (1 + exp(-x))
void ck_sigmoid(const float *x, float *y, size_t count);
/// y = tanh(x)
void ck_tanh(const float *x, float *y, size_t count);
/// z = x + y, x - y, x y, x / y. (In Swift, a loop over a closure that says so calls it for every number.)
void ck_add(const float *x, const float *y, float *z, size_t count);
void ck_subtract(const float *x, const float *y, float *z, size_t count);
void ck_multiply(const float *x, const float *y, float *z, size_t count);
void ck_divide(const float *x, const float *y, float *z, size_t count);
/// y += a x
void ck_axpy(float a, const float *x, float *y, size_t count);

/// One image of `convolution + bias -> ReLU -> 2x2 max-pool`, on the convolution's raw output.
/// x: C x H x W without bias; y: C x H/2 x W/2;
/// route: for each y, which of its four cells (0...3, row by row) held the maximum, or 4 where ReLU cut it off.
void ck_bias_relu_pool2(const float *x, const float *bias, float *y, uint8_t *route, size_t C, size_t H, size_t W);
/// Its backward: dx (C x H x W) gets dy at the cell that `route` names, and zero elsewhere.
void ck_bias_relu_pool2_backward(const float *dy, const uint8_t *route, float *dx, size_t C, size_t H, size_t W);

/// What the weights of one tensor share in a step of Adam.
typedef struct {
  float beta2;
  float rest1, rest2;      // 1 - beta1 and 1 - beta2, taken before rounding: 1 - 0.999f is off by 5e-5 of itself
  float step_size;         // learning rate / (1 - beta1^t)
  float root_correction2;  // sqrt(1 - beta2^t)
  float eps;
  float decay;  // added to the gradient as decay * w; or, decoupled, what the weights shrink by
} CKAdam;

/// One step of Adam on `count` weights (Kingma and Ba 2015, algorithm 1, as PyTorch rounds it):
/// m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;  w -= stepSize * m / (sqrt(v) / rootCorrection2 + eps)
/// With `vmax`, the largest v so far takes v's place (AMSGrad).
void ck_adam(float *w, const float *g, float *m, float *v, float *vmax, size_t count, CKAdam settings, int decoupled);

/// g += decay w;  velocity = momentum velocity + fresh g;  w -= rate * velocity, or with Nesterov's look ahead
/// w -= rate * (g + momentum velocity). Without `velocity`, w -= rate * g.
void ck_sgd(float *w, const float *g, float *velocity, size_t count, float rate, float momentum, float fresh,
            float decay, int nesterov);

/// g += decay w;  square = alpha square + rest g^2, rest = 1 - alpha;  step = g / (sqrt(square) + eps);  w -= rate * step.
/// With `mean`, of g, its square is taken off `square`; with `velocity`, velocity = momentum velocity + step is the step.
void ck_rmsprop(float *w, const float *g, float *square, float *mean, float *velocity, size_t count, float rate,
                float alpha, float rest, float eps, float decay, float momentum);

/// g += decay w;  sum += g^2;  w -= rate * g / (sqrt(sum) + eps)
void ck_adagrad(float *w, const float *g, float *sum, size_t count, float rate, float eps, float decay);

#include "CProcessor.h"
#include "CKernelsFFT.h"
#include "CKernelsDirect.h"
#include "CKernelsFunctions.h"
#include "CKernelsRows.h"
#include "CKernelsRecurrent.h"
#include "CKernelsProducts.h"
#include "CKernelsWindows.h"
#include "CKernelsWinograd.h"
#include "CKernelsIntegers.h"
