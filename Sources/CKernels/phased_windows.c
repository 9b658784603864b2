#include "CKernels.h"
#include <string.h>

// Which windows see numbers that others near them outweigh, by the planes of an image. Magnitudes are added up over the
// planes first, then down the columns, then along the rows; so each is read a few times and not once for each window.

#define INLINE static inline __attribute__((always_inline))

INLINE float larger(float a, float b) { return a > b ? a : b; }

INLINE void add(float *restrict to, const float *restrict from, size_t count) {
  for (size_t j = 0; j < count; j++) to[j] += from[j];
}

INLINE void raise(float *restrict to, const float *restrict from, size_t count) {
  for (size_t j = 0; j < count; j++) to[j] = larger(from[j], to[j]);
}

// Sums that are not finite, or so large that a transform's would not be, count as uneven, and so does a NaN.
CK_CLONES size_t ck_phased_uneven(CKPhasedWindows of, const float *restrict planes, float *restrict room,
                                  uint8_t *restrict uneven) {
  size_t row = of.width + 2, map = (of.height + 2) * row;
  // Sums of the phases that fill the windows or not, as `kinds` has them; the largest number of each place.
  float *sums[4] = {room, room + map, room + 2 * map, room + 3 * map}, *most = room + 4 * map;
  memset(room, 0, 5 * map * sizeof(float));
  for (size_t plane = 0; plane < of.channels * of.planes; plane++) {
    float *sum = sums[of.kinds[plane % of.planes]];
    for (size_t i = 0; i < of.height; i++, planes += of.width) {
      float *restrict here = sum + (i + 1) * row + 1, *restrict top = most + (i + 1) * row + 1;
      for (size_t j = 0; j < of.width; j++) {
        float size = planes[j] < 0 ? -planes[j] : planes[j];
        here[j] += size;
        top[j] = larger(size, top[j]);
      }
    }
  }
  // A row of windows: what its columns sum up to, where the windows see all of a phase's columns or one less; and the
  // same of all that is near.
  float *full = room + 5 * map, *less = full + row, *near = less + row, *top = near + row;
  float *own = top + row, *all = own + row, *largest = all + row;
  size_t around = of.side + 2 * of.before, found = 0, width = of.output_width;
  for (size_t r = 0; r < of.output_height; r++) {
    memset(full, 0, 7 * row * sizeof(float));
    for (size_t i = 0; i < around; i++) {
      size_t at = (r + i + 1 - of.before) * row;
      for (int kind = 0; kind < 4; kind++) {
        add(near, sums[kind] + at, row);
        if (i >= of.before && i - of.before < of.side - kind / 2) add(kind % 2 ? less : full, sums[kind] + at, row);
      }
      raise(top, most + at, row);
    }
    for (size_t q = 0; q < of.side; q++) {
      add(own, full + q + 1, width);
      if (q + 1 < of.side) add(own, less + q + 1, width);
    }
    for (size_t q = 0; q < around; q++) {
      add(all, near + q + 1 - of.before, width);
      raise(largest, top + q + 1 - of.before, width);
    }
    for (size_t j = 0; j < width; j++, uneven++) {
      *uneven = all[j] != 0 && (!(of.even * largest[j] * (all[j] / own[j]) <= own[j]) || !(all[j] < 1e37f));
      found += *uneven;
    }
  }
  return found;
}
