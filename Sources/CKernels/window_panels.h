#pragma once
#include "CKernels.h"
#include "turn.h"
#include <string.h>

// Panels of places: which windows they hold, and where what comes out of them goes.

// Places side by side in an image: the first one's window begins at `from`, and its column in the panel is `to`.
typedef struct {
  const float *from;
  size_t to, count;
} Run;

// As many places as fill a panel. Where they stand side by side, the first one's window begins at `from`; where that is
// 0, they are copied, run by run. A filter's results go `to`, those of the next filter `apart` further.
typedef struct {
  const float *from;
  const Run *runs;
  size_t run_count;
  float *to;
  size_t apart;
  // Of its places, the first one's number, and how many are wanted; and whether their results go where they belong.
  size_t first, count;
  int is_straight;
} Panel;

#define INLINE static inline __attribute__((always_inline))

enum { CHUNK = CK_WINDOWS_SLACK, MOST_RUNS = CK_MOST_PANELS * 32 };

// Of a place, its image, and its run and column there: what of an image stands side by side is a run.
typedef struct {
  size_t image, run, column;
} Place;

INLINE Place place_of(const CKPlaces *at, size_t number) {
  size_t in_image = number % at->places;
  return (Place){number / at->places, in_image / at->run, in_image % at->run};
}

// Where `count` places lead, all in one run.
INLINE Place after(const CKPlaces *at, Place place, size_t count) {
  place.column += count;
  if (place.column < at->run) return place;
  place.column = 0;
  if (++place.run * at->run < at->places) return place;
  return (Place){place.image + 1, 0, 0};
}

INLINE const float *window_at(const CKPlaces *at, Place place) {
  return at->images[place.image] + place.run * at->row + place.column;
}

// Of a place, or of the next one that is wanted, where its results belong, how many of `count` places are there side by
// side, and how many were passed over.
typedef struct {
  float *to;
  size_t count, passed;
} Results;

INLINE Results results_at(const CKPlaces *at, Place place, size_t count) {
  size_t in_image = place.run * at->run + place.column, passed = 0, left = at->places - in_image;
  if (at->gap > 0) {
    size_t width = at->row - at->gap, row = in_image / at->row, column = in_image % at->row;
    if (column >= width) {
      passed = at->row - column;
      row++;
      column = 0;
    }
    in_image = row * width + column;
    left = width - column;
  }
  if (passed > count) passed = count;
  if (left > count - passed) left = count - passed;
  return (Results){at->maps + place.image * at->image_apart + in_image, left, passed};
}

// The panels of `count` places from number `first` on. Results of a panel that do not lie side by side go to `sums`
// first, a panel's after the other's.
INLINE size_t find_panels(const CKPlaces *at, size_t first, size_t count, size_t filters, size_t width, float *sums,
                          Panel *panels, Run *runs) {
  size_t found = 0, end = first + count;
  Place place = place_of(at, first);
  for (size_t here; first < end; first += here) {
    here = end - first < width ? end - first : width;
    Panel panel = {0, runs, 0, sums, width, first, here, 0};
    Results results = results_at(at, place, width);
    if (here == width && results.count == width) {
      panel.to = results.to;
      panel.apart = at->filter_apart;
      panel.is_straight = 1;
    } else {
      sums += filters * width;
    }
    if (place.column + width <= at->run) {
      panel.from = window_at(at, place);
      place = after(at, place, here);
    } else {
      for (size_t to = 0, n; to < here; to += n) {
        n = at->run - place.column < CHUNK ? at->run - place.column : CHUNK;
        if (n > here - to) n = here - to;
        *runs++ = (Run){window_at(at, place), to, n};
        panel.run_count++;
        place = after(at, place, n);
      }
    }
    panels[found++] = panel;
  }
  return found;
}

typedef float eight __attribute__((vector_size(32), aligned(4)));

// At most 32 numbers, and exactly so many; a call would take longer.
INLINE void copy_few(float *to, const float *from, size_t count) {
  for (; count > 16; count -= 16, to += 16, from += 16) memcpy(to, from, 16 * sizeof(float));
  if (count >= 8) {
    eight first = *(const eight *)from, last = *(const eight *)(from + count - 8);
    *(eight *)to = first;
    *(eight *)(to + count - 8) = last;
  } else if (count >= 4) {
    four first = *(const four *)from, last = *(const four *)(from + count - 4);
    *(four *)to = first;
    *(four *)(to + count - 4) = last;
  } else {
    for (size_t i = 0; i < count; i++) to[i] = from[i];
  }
}

// Results that went to sums, to where they belong.
CK_CLONES static void finish(const CKPlaces *at, Panel panel, size_t filters, size_t width) {
  for (size_t done = 0; done < panel.count;) {
    Results results = results_at(at, place_of(at, panel.first + done), panel.count - done);
    const float *from = panel.to + done + results.passed;
    for (size_t o = 0; o < filters; o++) copy_few(results.to + o * at->filter_apart, from + o * width, results.count);
    done += results.passed + results.count;
  }
}

// Copies some taps of a panel's windows, each tap's in a row of its width. Eight or sixteen numbers are copied though
// fewer may be wanted: those too many come to lie where the next ones go. A copy of a fixed size is a few instructions,
// any other is a call.
INLINE void copy_runs(const size_t width, const size_t count, const Run *runs, const size_t *taps, size_t depth,
                      const int exactly, float *copy) {
  for (size_t k = 0; k < depth; k++, copy += width)
    for (size_t r = 0; r < count; r++) {
      const float *from = runs[r].from + taps[k];
      float *to = copy + runs[r].to;
      if (exactly) {
        memcpy(to, from, runs[r].count * sizeof(float));
      } else if (runs[r].count <= CHUNK / 2) {
        memcpy(to, from, CHUNK / 2 * sizeof(float));
      } else {
        memcpy(to, from, CHUNK * sizeof(float));
      }
    }
}

// In most panels that have to be copied, two or three rows meet. With their number known to the compiler, where they
// begin stays in registers.
CK_CLONES static void copy_windows(size_t width, const Panel *panel, const size_t *taps, size_t depth, int exactly,
                                   float *copy) {
  if (exactly) {
    copy_runs(width, panel->run_count, panel->runs, taps, depth, 1, copy);
  } else if (panel->run_count == 2) {
    Run runs[2] = {panel->runs[0], panel->runs[1]};
    copy_runs(width, 2, runs, taps, depth, 0, copy);
  } else if (panel->run_count == 3) {
    Run runs[3] = {panel->runs[0], panel->runs[1], panel->runs[2]};
    copy_runs(width, 3, runs, taps, depth, 0, copy);
  } else {
    copy_runs(width, panel->run_count, panel->runs, taps, depth, 0, copy);
  }
}
