#include "CKernels.h"
#include "exponential.h"

// Two vectors at a time, for one waits long for the next term of its polynomial: a fifth faster.
#define EACH _Pragma("clang loop interleave_count(2)") for (size_t i = 0; i < count; i++)

CK_CLONES void ck_log(const float *x, float *y, size_t count) { EACH y[i] = log_one(x[i]); }
CK_CLONES void ck_erf(const float *x, float *y, size_t count) { EACH y[i] = erf_one(x[i]); }

CK_CLONES void ck_tanh_backward(const float *dy, const float *y, float *dx, size_t count) {
  EACH dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

CK_CLONES void ck_sigmoid_backward(const float *dy, const float *y, float *dx, size_t count) {
  EACH dx[i] = dy[i] * y[i] * (1.0f - y[i]);
}

CK_CLONES void ck_leaky_relu(const float *x, float *y, size_t count, float slope) {
  EACH y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

CK_CLONES void ck_leaky_relu_backward(const float *dy, const float *x, float *dx, size_t count, float slope) {
  EACH dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
}

CK_CLONES void ck_elu(const float *x, float *y, size_t count, float alpha) {
  EACH {
    float below = alpha * expm1_negative(x[i] > 0 ? 0 : x[i]);
    y[i] = x[i] > 0 ? x[i] : below;
  }
}

CK_CLONES void ck_elu_backward(const float *dy, const float *x, float *dx, size_t count, float alpha) {
  EACH {
    float below = dy[i] * alpha * exp_one(x[i]);
    dx[i] = x[i] > 0 ? dy[i] : below;
  }
}

#define ROOT_2_PI 0.79788456080286536f  // sqrt(2 / pi)
#define CUBE 0.044715f

CK_CLONES void ck_gelu(const float *x, float *y, size_t count) {
  EACH {
    float density;
    y[i] = x[i] * normal_one(x[i], &density);
  }
}

// The derivative is Phi(x) + x phi(x).
CK_CLONES void ck_gelu_slope(const float *x, float *y, float *slope, size_t count) {
  EACH {
    float v = x[i], density, below = normal_one(v, &density);
    y[i] = v * below;
    slope[i] = below + v * density;
  }
}

CK_CLONES void ck_gelu_tanh(const float *x, float *y, size_t count) {
  EACH {
    float v = x[i];
    y[i] = 0.5f * v * (1.0f + tanh_one(ROOT_2_PI * (v + CUBE * v * v * v)));
  }
}

CK_CLONES void ck_gelu_tanh_backward(const float *dy, const float *x, float *dx, size_t count) {
  EACH {
    float v = x[i];
    float t = tanh_one(ROOT_2_PI * (v + CUBE * v * v * v));
    float slope = ROOT_2_PI * (1.0f + 3.0f * CUBE * v * v);
    dx[i] = dy[i] * (0.5f * (1.0f + t) + 0.5f * v * (1.0f - t * t) * slope);
  }
}

CK_CLONES void ck_silu(const float *x, float *y, size_t count) { EACH y[i] = x[i] * sigmoid_one(x[i]); }

CK_CLONES void ck_silu_backward(const float *dy, const float *x, float *dx, size_t count) {
  EACH {
    float s = sigmoid_one(x[i]);
    dx[i] = dy[i] * s * (1.0f + x[i] * (1.0f - s));
  }
}

// log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)), which cannot overflow.
CK_CLONES void ck_softplus(const float *x, float *y, size_t count, float beta, float threshold) {
  EACH {
    float z = beta * x[i], a = z < 0 ? -z : z;
    float soft = ((z > 0 ? z : 0) + log1p_one(exp_one(-a))) / beta;
    y[i] = z > threshold ? x[i] : soft;
  }
}

CK_CLONES void ck_softplus_backward(const float *dy, const float *x, float *dx, size_t count, float beta,
                                    float threshold) {
  EACH {
    float z = beta * x[i];
    float soft = dy[i] * sigmoid_one(z);
    dx[i] = z > threshold ? dy[i] : soft;
  }
}
