#include "CPeak.h"

double memory_triad(int64_t count, float *restrict a, const float *restrict b, const float *restrict c) {
  for (int64_t i = 0; i < count; i++) a[i] = b[i] + 0.5f * c[i];
  return 3.0 * sizeof(float) * (double)count;
}
