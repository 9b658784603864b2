#include "CPeak.h"

// A processor of today begins two fused multiply-adds in each cycle, and each takes four cycles or five: ten that do not
// wait for each other keep both units busy. Twelve vectors and two constants fit the sixteen registers of AVX2.
enum { CHAINS = 12 };

#define PEAK(NAME, BYTES, ATTRIBUTES)                                                                             \
  ATTRIBUTES static double NAME(int64_t rounds, float *sink) {                                                    \
    typedef float vec __attribute__((vector_size(BYTES)));                                                        \
    const int width = BYTES / sizeof(float);                                                                      \
    vec sum[CHAINS], a = (vec){} + 0.999f, b = (vec){} + 0.001f;                                                  \
    for (int i = 0; i < CHAINS; i++) sum[i] = (vec){} + (float)i;                                                 \
    for (int64_t r = 0; r < rounds; r++) {                                                                        \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * a + b;                \
      /* Keeps the compiler from working out the end of the chains. */                                            \
      __asm__ volatile("" : "+r"(rounds));                                                                        \
    }                                                                                                             \
    vec all = sum[0];                                                                                             \
    for (int i = 1; i < CHAINS; i++) all += sum[i];                                                               \
    *sink = 0;                                                                                                    \
    for (int j = 0; j < width; j++) *sink += all[j];                                                              \
    return 2.0 * CHAINS * width * (double)rounds;                                                                 \
  }

#if defined(__x86_64__)
PEAK(peak_avx512, 64, __attribute__((target("avx512f"), min_vector_width(512))))
PEAK(peak_avx2, 32, __attribute__((target("avx2,fma"))))
#endif
PEAK(peak_baseline, 16, )

double peak_multiply_add(int64_t rounds, float *sink) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return peak_avx512(rounds, sink);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return peak_avx2(rounds, sink);
#endif
  return peak_baseline(rounds, sink);
}
