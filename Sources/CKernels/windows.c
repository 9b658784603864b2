#include "CKernels.h"
#include <string.h>

// Sixteen numbers are copied at a time though fewer may be wanted: those too many come to lie where the next ones go. A
// copy of a fixed size is a few instructions, any other is a call.

enum { CHUNK = CK_WINDOWS_SLACK };

// Neighbouring places of one output row: from where in the image, to where in the strip.
typedef struct {
  size_t from, to, count;
} Chunk;

#define INLINE static inline __attribute__((always_inline))

// Places side by side, from number `at` on, in runs within an output row of at most `longest`.
INLINE size_t find(CKWindows g, size_t at, size_t places, size_t longest, Chunk *chunks) {
  size_t found = 0;
  for (size_t to = 0; to < places;) {
    size_t i = (at + to) / g.output_width, j = (at + to) % g.output_width;
    size_t n = g.output_width - j;
    if (n > places - to) n = places - to;
    if (n > longest) n = longest;
    chunks[found++] = (Chunk){i * g.row + j, to, n};
    to += n;
  }
  return found;
}

CK_CLONES void ck_gather_windows(CKWindows g, const float *image, size_t first, size_t count, float *columns,
                                 size_t apart) {
  Chunk chunks[CK_WINDOWS_PLACES];
  size_t found = find(g, first, count, CHUNK, chunks);
  for (size_t t = 0; t < g.tap_count; t++, columns += apart)
    for (size_t c = 0; c < found; c++)
      memcpy(columns + chunks[c].to, image + g.taps[t] + chunks[c].from, CHUNK * sizeof(float));
}

CK_CLONES void ck_scatter_windows(CKWindows g, const float *restrict columns, size_t first, size_t count,
                                  float *restrict image) {
  Chunk chunks[CK_WINDOWS_PLACES];
  size_t found = find(g, first, count, count, chunks);
  for (size_t t = 0; t < g.tap_count; t++, columns += count) {
    for (size_t c = 0; c < found; c++) {
      float *to = image + g.taps[t] + chunks[c].from;
      const float *from = columns + chunks[c].to;
      for (size_t i = 0; i < chunks[c].count; i++) to[i] += from[i];
    }
  }
}
