#include "CKernels.h"
#include <string.h>

// Bias, ReLU and pooling in one pass over the convolution's output: the pre-activation and the rectified map
// are never written out. A NaN counts as the largest value, as in PyTorch, so that it is not lost on the way.
// max(relu(x + b)) = relu(max(x) + b), because both only ever rise.
CK_CLONES void ck_bias_relu_pool2(const float *x, const float *bias, float *y, uint8_t *route, size_t C, size_t H,
                                  size_t W) {
  size_t h2 = H / 2, w2 = W / 2;
  for (size_t c = 0; c < C; c++) {
    float b = bias ? bias[c] : 0;
    for (size_t i = 0; i < h2; i++) {
      const float *top = x + (c * H + 2 * i) * W, *bottom = top + W;
      float *out = y + (c * h2 + i) * w2;
      uint8_t *cell = route + (c * h2 + i) * w2;
      for (size_t j = 0; j < w2; j++) {
        float best = top[2 * j];
        uint8_t at = 0;
        float v = top[2 * j + 1];
        int take;
        take = v > best || v != v;
        at = take ? 1 : at;
        best = take ? v : best;
        v = bottom[2 * j];
        take = v > best || v != v;
        at = take ? 2 : at;
        best = take ? v : best;
        v = bottom[2 * j + 1];
        take = v > best || v != v;
        at = take ? 3 : at;
        best = take ? v : best;
        best += b;
        out[j] = best < 0 ? 0 : best;
        cell[j] = best <= 0 ? 4 : at;
      }
    }
  }
}

CK_CLONES void ck_bias_relu_pool2_backward(const float *dy, const uint8_t *route, float *dx, size_t C, size_t H,
                                           size_t W) {
  size_t h2 = H / 2, w2 = W / 2;
  if (H % 2 || W % 2) memset(dx, 0, C * H * W * sizeof(float));
  for (size_t c = 0; c < C; c++) {
    for (size_t i = 0; i < h2; i++) {
      float *top = dx + (c * H + 2 * i) * W, *bottom = top + W;
      const float *up = dy + (c * h2 + i) * w2;
      const uint8_t *cell = route + (c * h2 + i) * w2;
      for (size_t j = 0; j < w2; j++) {
        float g = up[j];
        uint8_t at = cell[j];
        top[2 * j] = at == 0 ? g : 0;
        top[2 * j + 1] = at == 1 ? g : 0;
        bottom[2 * j] = at == 2 ? g : 0;
        bottom[2 * j + 1] = at == 3 ? g : 0;
      }
    }
  }
}
