#pragma once
#include <stddef.h>
#include <stdint.h>

// Convolution by its definition, one image at a time, for few input channels.

typedef struct {
  size_t channels, paddedHeight, paddedWidth;  ///< the image with zeros all round; see `DirectConvolution`
  size_t filters, kernelHeight, kernelWidth;   ///< for the backward the width is 3 or 5
  size_t outputHeight, outputWidth;
} CKDirect;

/// An image's rows, into its padding.
void ck_direct_pad(CKDirect g, const float *image, size_t height, size_t width, size_t top, size_t left,
                   float *padded);

/// The filters as `ck_direct_forward` reads them.
void ck_direct_pack(const float *w, size_t filters, size_t taps, float *packed);

/// y = x * w + bias, the filters packed; or with a `route`, that rectified and pooled 2x2, as `ck_bias_relu_pool2` has it.
void ck_direct_forward(CKDirect g, const float *x, const float *w, const float *bias, float *y, uint8_t *route);

/// One channel's map of a depthwise convolution, 3 x 3 with a padding of 1: y = x * w + bias, both `height` x `width`, which
/// is 16 or more. (The image needs no padding of its own.)
void ck_depthwise_same(size_t height, size_t width, const float *x, const float *w, float bias, float *y);

/// Adds the gradients of the filters and of the bias, each of them as sixteen numbers to be summed. `dy` is the
/// gradient at the raw output, or with a `route` at the pooled output.
/// rows: room for 4 maps of outputHeight rows, their width rounded up to sixteen.
void ck_direct_backward(CKDirect g, const float *x, const float *dy, const uint8_t *route, float *rows, float *dw,
                        float *db);
