#include "CKernels.h"
#include "turn.h"
#include <string.h>

// An image dealt out among planes by its rows' and columns' places within a stride, and put together again. Four
// numbers are moved at a time: a row is often too short for wider vectors.

typedef float eight __attribute__((vector_size(32), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

// A row of the image as the planes have it: its place within a stride, and in which of their rows it lies.
typedef struct {
  size_t phase, row;
} PlaneRow;

INLINE PlaneRow below(PlaneRow at, const CKPlanes *g) {
  return at.phase + 1 < g->down ? (PlaneRow){at.phase + 1, at.row} : (PlaneRow){0, at.row + 1};
}

// Where numbers j, j + step, j + 2 step ... of a row begin in a channel's planes; below 0 if no window sees them. With
// a step that the compiler knows, nothing is divided: for short rows that would take longer than moving them.
INLINE ptrdiff_t place(const size_t step, const CKPlanes *g, PlaneRow at, size_t j) {
  size_t column = j + g->left;
  int number = g->number[at.phase * step + column % step];
  if (number < 0) return -1;
  return (ptrdiff_t)((number * g->plane_height + at.row) * g->plane_width + column / step);
}

// Numbers 4 step k, 4 step k + 1 ... of a row, and as many of each run as there are in a vector of four.
INLINE void deal_four(const size_t step, const float *from, float *const *to, size_t k) {
  four a = *(const four *)from, b = *(const four *)(from + 4);
  if (step == 2) {
    *(four *)(to[0] + k) = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    *(four *)(to[1] + k) = __builtin_shufflevector(a, b, 1, 3, 5, 7);
    return;
  }
  four c = *(const four *)(from + 8), d = *(const four *)(from + 12);
  four low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  *(four *)(to[0] + k) = __builtin_shufflevector(low, high, 0, 1, 4, 5);
  *(four *)(to[1] + k) = __builtin_shufflevector(low, high, 2, 3, 6, 7);
  low = __builtin_shufflevector(a, b, 2, 6, 3, 7), high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(four *)(to[2] + k) = __builtin_shufflevector(low, high, 0, 1, 4, 5);
  *(four *)(to[3] + k) = __builtin_shufflevector(low, high, 2, 3, 6, 7);
}

INLINE void deal_eight(const float *from, float *const *to, size_t k) {
  eight a = *(const eight *)from, b = *(const eight *)(from + 8);
  *(eight *)(to[0] + k) = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  *(eight *)(to[1] + k) = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

// All the numbers of a row where their step is 2 or 4, each read once. Number i goes to run i % step. What is left of a
// row in the end is moved with some before it once more.
INLINE void deal(const size_t step, const float *row, float *const *to, size_t width) {
  size_t runs = width / step, k = 0;
  if (step == 2 && runs >= 8) {
    for (; k + 8 <= runs; k += 8) deal_eight(row + 2 * k, to, k);
    if (k < runs) deal_eight(row + 2 * (runs - 8), to, runs - 8);
    k = runs;
  } else if (runs >= 4) {
    for (; k + 4 <= runs; k += 4) deal_four(step, row + step * k, to, k);
    if (k < runs) deal_four(step, row + step * (runs - 4), to, runs - 4);
    k = runs;
  }
  for (size_t i = step * k; i < width; i++) to[i % step][i / step] = row[i];
}

// With `nowhere`, as long as a row of the planes, a row is dealt out at once: that is where goes what no window sees.
INLINE void split(const size_t step, const int at_once, const CKPlanes *g, const float *image, float *planes,
                  float *nowhere) {
  size_t room = g->plane_width * step - g->left, width = g->width < room ? g->width : room;
  for (size_t c = 0; c < g->channels; c++, planes += g->planes * g->plane_height * g->plane_width) {
    PlaneRow at = {g->above % g->down, g->above / g->down};
    for (size_t i = 0; i < g->height; i++, image += g->width, at = below(at, g)) {
      if (at.row >= g->plane_height) continue;
      float *to[4] = {nowhere, nowhere, nowhere, nowhere};
      int is_seen = 0;
      for (size_t j = 0; j < step && j < width; j++) {
        ptrdiff_t from = place(step, g, at, j);
        if (from < 0) continue;
        is_seen = 1;
        if (step == 1) {
          memcpy(planes + from, image, width * sizeof(float));
        } else if (at_once) {
          to[j] = planes + from;
        } else {
          for (size_t k = j; k < width; k += step) planes[from + k / step] = image[k];
        }
      }
      if (at_once && is_seen) deal(step, image, to, width);
    }
  }
}

// What lies at `even` and `odd` in turn, zeros where there is nothing.
INLINE void interleave_four(const float *even, const float *odd, float *row, size_t k) {
  four a = even ? *(const four *)(even + k) : (four){0}, b = odd ? *(const four *)(odd + k) : (four){0};
  *(four *)(row + 2 * k) = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  *(four *)(row + 2 * k + 4) = __builtin_shufflevector(a, b, 2, 6, 3, 7);
}

INLINE void interleave_eight(const float *even, const float *odd, float *row, size_t k) {
  eight a = even ? *(const eight *)(even + k) : (eight){0}, b = odd ? *(const eight *)(odd + k) : (eight){0};
  *(eight *)(row + 2 * k) = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  *(eight *)(row + 2 * k + 8) = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

INLINE void interleave(const float *even, const float *odd, float *row, size_t width) {
  size_t pairs = width / 2, k = 0;
  if (pairs >= 8) {
    for (; k + 8 <= pairs; k += 8) interleave_eight(even, odd, row, k);
    if (k < pairs) interleave_eight(even, odd, row, pairs - 8);
    k = pairs;
  } else if (pairs >= 4) {
    interleave_four(even, odd, row, 0);
    interleave_four(even, odd, row, pairs - 4);
    k = pairs;
  }
  for (size_t i = 2 * k; i < width; i++) {
    const float *from = i % 2 ? odd : even;
    row[i] = from ? from[i / 2] : 0;
  }
}

INLINE void join(const size_t step, const CKPlanes *g, const float *planes, float *image) {
  for (size_t c = 0; c < g->channels; c++, planes += g->planes * g->plane_height * g->plane_width) {
    PlaneRow at = {g->above % g->down, g->above / g->down};
    for (size_t i = 0; i < g->height; i++, image += g->width, at = below(at, g)) {
      const float *runs[2] = {0, 0};
      for (size_t j = 0; j < step && j < g->width; j++) {
        ptrdiff_t from = place(step, g, at, j);
        if (step == 2) {
          runs[j] = from < 0 ? 0 : planes + from;
        } else if (from < 0) {
          for (size_t k = j; k < g->width; k += step) image[k] = 0;
        } else if (step == 1) {
          memcpy(image, planes + from, g->width * sizeof(float));
        } else {
          for (size_t k = j; k < g->width; k += step) image[k] = planes[from + k / step];
        }
      }
      if (step != 2) continue;
      if (runs[0] || runs[1]) {
        interleave(runs[0], runs[1], image, g->width);
      } else {
        memset(image, 0, g->width * sizeof(float));
      }
    }
  }
}

// Of `count` places of a plane, `step` apart from place `phase` on, those before the image and those up to its end.
typedef struct {
  size_t begin, end;
} Inside;

INLINE Inside inside(size_t count, size_t phase, size_t step, size_t before, size_t size) {
  size_t begin = before > phase ? (before - phase + step - 1) / step : 0;
  size_t end = before + size > phase ? (before + size - phase + step - 1) / step : 0;
  if (end > count) end = count;
  return (Inside){begin < end ? begin : end, end};
}

void ck_clear_padding(const CKPlanes *g, float *planes) {
  size_t size = g->plane_height * g->plane_width;
  for (size_t phase = 0; phase < g->down * g->right; phase++) {
    if (g->number[phase] < 0) continue;
    Inside rows = inside(g->plane_height, phase / g->right, g->down, g->above, g->height);
    Inside columns = inside(g->plane_width, phase % g->right, g->right, g->left, g->width);
    for (size_t c = 0; c < g->channels; c++) {
      float *plane = planes + (c * g->planes + (size_t)g->number[phase]) * size;
      float *below = plane + rows.end * g->plane_width;
      memset(plane, 0, rows.begin * g->plane_width * sizeof(float));
      memset(below, 0, (g->plane_height - rows.end) * g->plane_width * sizeof(float));
      // Column by column: there are few of them, and a row's few numbers are not worth a call.
      for (size_t j = 0; j < g->plane_width; j++) {
        if (j >= columns.begin && j < columns.end) continue;
        for (size_t i = rows.begin; i < rows.end; i++) plane[i * g->plane_width + j] = 0;
      }
    }
  }
}

CK_CLONES void ck_split_planes(const CKPlanes *g, const float *image, float *planes) {
  enum { WIDEST = 1024 };
  float nowhere[WIDEST];
  if (g->right == 1) {
    split(1, 0, g, image, planes, 0);
  } else if (g->right == 2 && g->plane_width <= WIDEST) {
    split(2, 1, g, image, planes, nowhere);
  } else if (g->right == 4 && g->plane_width <= WIDEST) {
    split(4, 1, g, image, planes, nowhere);
  } else {
    split(g->right, 0, g, image, planes, 0);
  }
}

CK_CLONES void ck_join_planes(const CKPlanes *g, const float *planes, float *image) {
  switch (g->right) {
    case 1: join(1, g, planes, image); break;
    case 2: join(2, g, planes, image); break;
    case 4: join(4, g, planes, image); break;
    default: join(g->right, g, planes, image);
  }
}
