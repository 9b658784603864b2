#include "CKernels.h"

// Philox 4x32-10 for 16 counters at once; see RandomStream in Tensors for the same in Swift.
#define LANES 16

CK_CLONES void ck_dropout(const float *x, float *y, size_t count, uint64_t first, uint64_t seed, uint64_t stream,
                          uint32_t threshold, float scale) {
  uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES], bits[4 * LANES];
  for (size_t start = 0; start < count; start += 4 * LANES) {
    uint64_t block = (first + start) / 4;
    for (int l = 0; l < LANES; l++) {
      c0[l] = (uint32_t)(block + (uint64_t)l);
      c1[l] = (uint32_t)((block + (uint64_t)l) >> 32);
      c2[l] = (uint32_t)stream;
      c3[l] = (uint32_t)(stream >> 32);
    }
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
      for (int l = 0; l < LANES; l++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0[l], p1 = (uint64_t)0xCD9E8D57u * c2[l];
        c0[l] = (uint32_t)(p1 >> 32) ^ c1[l] ^ k0;
        c1[l] = (uint32_t)p1;
        c2[l] = (uint32_t)(p0 >> 32) ^ c3[l] ^ k1;
        c3[l] = (uint32_t)p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int l = 0; l < LANES; l++) {
      bits[4 * l] = c0[l];
      bits[4 * l + 1] = c1[l];
      bits[4 * l + 2] = c2[l];
      bits[4 * l + 3] = c3[l];
    }
    size_t width = count - start < 4 * LANES ? count - start : 4 * LANES;
    for (size_t i = 0; i < width; i++) {
      float kept = x[start + i] * scale;
      y[start + i] = bits[i] >= threshold ? kept : 0;
    }
  }
}
