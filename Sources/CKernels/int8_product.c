#include "CKernels.h"
#include <string.h>

// Products of whole numbers: activations from 0 to 255 by weights from -128 to 127, summed in 32 bits without a loss.
// Weights come packed so that one vector holds four neighbouring numbers of sixteen rows: the four are multiplied and
// added by one instruction (`vpdpbusd`), and no sum has to be gathered from the lanes at the end.
//
// Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference",
// CVPR 2018, appendix B, for the difficulty with sums in 16 bits.

#define UNROLL _Pragma("clang loop unroll(full)")

size_t ck_int8_packed_count(size_t n, size_t segments, size_t groups) { return (n + 15) / 16 * 64 * segments * groups; }

// Held to by the others, to the last bit.
CK_NARROW_CLONES static void plain_product(CKBytes a, const int8_t *w, size_t panels, int32_t *c, size_t ldc) {
  for (size_t p = 0; p < panels; p++) {
    for (size_t i = 0; i < a.rows; i++) {
      uint32_t sum[16] = {0};
      const int8_t *from = w;
      for (size_t s = 0; s < a.segments; s++) {
        const uint8_t *x = a.bytes + i * a.down + a.offsets[s];
        for (size_t g = 0; g < a.groups; g++, x += 4, from += 64)
          for (int j = 0; j < 16; j++)
            sum[j] += (uint32_t)(x[0] * from[4 * j] + x[1] * from[4 * j + 1] + x[2] * from[4 * j + 2] +
                                 x[3] * from[4 * j + 3]);
      }
      memcpy(c + i * ldc + 16 * p, sum, sizeof sum);
    }
    w += 64 * a.segments * a.groups;
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

typedef uint32_t sixteen __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint32_t eight __attribute__((vector_size(32), aligned(4), may_alias));

static inline int32_t four_bytes(const uint8_t *p) {
  int32_t four;
  memcpy(&four, p, sizeof four);
  return four;
}

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), min_vector_width(512)))
#define VEC sixteen
#define HALVES 1
#define DOT(sum, a, w) ((sixteen)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(a), (__m512i)(w)))
#define SPREAD(p) ((sixteen)_mm512_set1_epi32(four_bytes(p)))
#define TALL 6
#define ALONG 4
#include "int8_tile.h"

#define NAME(x) avxvnni_##x
#define TARGET __attribute__((target("avx2,avxvnni")))
#define VEC eight
#define HALVES 2
#define DOT(sum, a, w) ((eight)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(a), (__m256i)(w)))
#define SPREAD(p) ((eight)_mm256_set1_epi32(four_bytes(p)))
#define TALL 3
#define ALONG 2
#include "int8_tile.h"

// AVX2 multiplies bytes and adds neighbours in 16 bits, which end at 32,767: 255 * 127 * 2 is cut off there. So an
// activation is taken in two parts, its lowest seven bits and its highest: 127 * -128 * 2 and 128 * -128 * 2 still fit.
__attribute__((target("avx2"))) static inline __m256i dot_avx2(__m256i sum, __m256i a, __m256i w) {
  __m256i ones = _mm256_set1_epi16(1), low = _mm256_set1_epi8(0x7f);
  __m256i lows = _mm256_maddubs_epi16(_mm256_and_si256(a, low), w);
  __m256i highs = _mm256_maddubs_epi16(_mm256_andnot_si256(low, a), w);
  return _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(lows, ones), _mm256_madd_epi16(highs, ones)));
}

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2")))
#define VEC eight
#define HALVES 2
#define DOT(sum, a, w) ((eight)dot_avx2((__m256i)(sum), (__m256i)(a), (__m256i)(w)))
#define SPREAD(p) ((eight)_mm256_set1_epi32(four_bytes(p)))
#define TALL 2
#define ALONG 2
#include "int8_tile.h"

int ck_int8_has(int loops) {
  switch (loops) {
    case CK_INT8_PLAIN: return 1;
    case CK_INT8_AVX2: return __builtin_cpu_supports("avx2") != 0;
    case CK_INT8_AVX_VNNI: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avxvnni");
    case CK_INT8_AVX512_VNNI: return ck_has_avx512() && __builtin_cpu_supports("avx512vnni");
    default: return 0;
  }
}
#else
int ck_int8_has(int loops) { return loops == CK_INT8_PLAIN; }
#endif

int ck_int8_best(void) {
  for (int loops = CK_INT8_AVX512_VNNI; loops > CK_INT8_PLAIN; loops--)
    if (ck_int8_has(loops)) return loops;
  return CK_INT8_PLAIN;
}

void ck_int8_product(int loops, CKBytes a, const int8_t *packed, size_t panel, size_t n, int32_t *c, size_t ldc) {
  const int8_t *w = packed + panel * 64 * a.segments * a.groups;
  size_t panels = (n + 15) / 16;
  switch (loops) {
#if defined(__x86_64__)
    case CK_INT8_AVX512_VNNI: avx512_product(a, w, panels, c, ldc); break;
    case CK_INT8_AVX_VNNI: avxvnni_product(a, w, panels, c, ldc); break;
    case CK_INT8_AVX2: avx2_product(a, w, panels, c, ldc); break;
#endif
    default: plain_product(a, w, panels, c, ldc);
  }
}
