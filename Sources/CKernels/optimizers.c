#include "CKernels.h"
#include <stddef.h>

// Each loop reads a weight, its gradient and what is remembered of it once, and writes them once.

static inline __attribute__((always_inline)) void adam(float *w, const float *g, float *m, float *v, float *vmax,
                                                       size_t count, CKAdam s, int decoupled, int decays) {
  for (size_t i = 0; i < count; i++) {
    float wi = w[i], gi = g[i];
    if (decays && decoupled) wi *= 1 - s.decay;
    if (decays && !decoupled) gi += s.decay * wi;
    float mi = m[i] + s.rest1 * (gi - m[i]);
    float vi = s.beta2 * v[i] + s.rest2 * gi * gi;
    m[i] = mi;
    v[i] = vi;
    if (vmax) vi = vmax[i] = vmax[i] > vi ? vmax[i] : vi;
    w[i] = wi - s.step_size * mi / (__builtin_sqrtf(vi) / s.root_correction2 + s.eps);
  }
}

CK_CLONES void ck_adam(float *w, const float *g, float *m, float *v, float *vmax, size_t count, CKAdam s,
                       int decoupled) {
  if (vmax) {
    if (decoupled) adam(w, g, m, v, vmax, count, s, 1, 1);
    else adam(w, g, m, v, vmax, count, s, 0, 1);
  } else if (s.decay != 0) {
    if (decoupled) adam(w, g, m, v, NULL, count, s, 1, 1);
    else adam(w, g, m, v, NULL, count, s, 0, 1);
  } else {
    adam(w, g, m, v, NULL, count, s, 0, 0);
  }
}

CK_CLONES void ck_sgd(float *w, const float *g, float *velocity, size_t count, float rate, float momentum,
                      float fresh, float decay, int nesterov) {
  if (!velocity) {
    for (size_t i = 0; i < count; i++) w[i] -= rate * (g[i] + decay * w[i]);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    float gi = g[i] + decay * w[i];
    float b = momentum * velocity[i] + fresh * gi;
    velocity[i] = b;
    w[i] -= rate * (nesterov ? gi + momentum * b : b);
  }
}

CK_CLONES void ck_rmsprop(float *w, const float *g, float *square, float *mean, float *velocity, size_t count,
                          float rate, float alpha, float rest, float eps, float decay, float momentum) {
  for (size_t i = 0; i < count; i++) {
    float gi = g[i] + decay * w[i];
    float v = square[i] = alpha * square[i] + rest * gi * gi;
    if (mean) {
      float m = mean[i] = mean[i] + rest * (gi - mean[i]);
      v -= m * m;
      v = v < 0 ? 0 : v;
    }
    float step = gi / (__builtin_sqrtf(v) + eps);
    if (velocity) step = velocity[i] = momentum * velocity[i] + step;
    w[i] -= rate * step;
  }
}

CK_CLONES void ck_adagrad(float *w, const float *g, float *sum, size_t count, float rate, float eps, float decay) {
  for (size_t i = 0; i < count; i++) {
    float gi = g[i] + decay * w[i];
    float s = sum[i] += gi * gi;
    w[i] -= rate * gi / (__builtin_sqrtf(s) + eps);
  }
}
