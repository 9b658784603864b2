#include "CKernels.h"
#include <string.h>

// Where neighbouring windows lie side by side, sixteen numbers are copied at a time though fewer may be wanted: those
// too many come to lie where the next ones go. A copy of a fixed size is a few instructions, any other is a call.

enum { CHUNK = CK_WINDOWS_SLACK };

// Neighbouring places of one output row: from where, to where in their panel.
typedef struct {
  size_t from, to, count;
} Chunk;

#define INLINE static inline __attribute__((always_inline))

INLINE void copy(const Chunk chunk, const size_t step, const float *from, float *to) {
  from += chunk.from;
  to += chunk.to;
  if (step == 1) {
    memcpy(to, from, CHUNK * sizeof(float));
  } else if (step == 2 && chunk.count == CHUNK) {
    for (size_t j = 0; j < CHUNK; j++) to[j] = from[2 * j];
  } else {
    for (size_t j = 0; j < chunk.count; j++) to[j] = from[step * j];
  }
}

CK_CLONES void ck_gather_windows(CKWindows g, const float *image, size_t first, size_t count, size_t panel,
                                 float *columns) {
  Chunk chunks[CK_WINDOWS_PLACES];
  for (size_t t0 = 0; t0 < g.tap_count; t0 += CK_PACKED_DEPTH) {
    size_t depth = g.tap_count - t0 < CK_PACKED_DEPTH ? g.tap_count - t0 : CK_PACKED_DEPTH;
    for (size_t p0 = 0; p0 < count; p0 += panel) {
      size_t places = count - p0 < panel ? count - p0 : panel, found = 0;
      for (size_t to = 0; to < places;) {
        size_t i = (first + p0 + to) / g.output_width, j = (first + p0 + to) % g.output_width;
        size_t n = g.output_width - j;
        if (n > places - to) n = places - to;
        if (n > CHUNK) n = CHUNK;
        chunks[found++] = (Chunk){i * g.row + j * g.step, to, n};
        to += n;
      }
      for (size_t t = t0; t < t0 + depth; t++) {
        const float *from = image + g.taps[t];
        if (g.step == 1) {
          for (size_t c = 0; c < found; c++) copy(chunks[c], 1, from, columns);
        } else if (g.step == 2) {
          for (size_t c = 0; c < found; c++) copy(chunks[c], 2, from, columns);
        } else {
          for (size_t c = 0; c < found; c++) copy(chunks[c], g.step, from, columns);
        }
        if (places < panel) memset(columns + places, 0, (panel - places) * sizeof(float));
        columns += panel;
      }
    }
  }
}
