#pragma once
#include <stddef.h>

/// Where windows lie on an image whose padding is part of it: window (i, j) begins at i * `row` + j * `step`, and its tap
/// t lies `taps[t]` further.
typedef struct {
  size_t output_width, row, step;
  size_t tap_count;
  const size_t *taps;
} CKWindows;

/// The most places that can be gathered at once.
enum { CK_WINDOWS_PLACES = 1024 };
/// How many floats after the image may be read, and after the columns written.
enum { CK_WINDOWS_SLACK = 16 };

/// The windows of `count` places, from place number `first` on, as the columns of a matrix with a row for each tap. With
/// `panel` = `count` the rows follow one another; with `panel` = `ck_packed_panel()` the matrix comes packed, as by
/// `ck_pack`.
void ck_gather_windows(CKWindows g, const float *image, size_t first, size_t count, size_t panel, float *columns);
