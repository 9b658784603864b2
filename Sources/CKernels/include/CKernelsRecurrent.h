#pragma once
#include <stddef.h>

// Recurrent layers: a matrix product whose right side is packed once and used at every time step, and the gates,
// forward and backward, each in one pass. Rows are sequences of the batch; what a row becomes depends on no other
// row, nor on how many there are, so a batch may be cut anywhere and give the same bits.

/// B is packed by blocks of so many rows, and those by panels of so many columns.
enum { CK_PACKED_DEPTH = 256, CK_PACKED_PANEL = 32 };

/// The floats that `ck_pack` fills for a K x N matrix.
size_t ck_packed_count(size_t k, size_t n);
/// Packs B (K x N, its rows `ldb` apart) for `ck_packed_gemm`. With `transposed`, b holds N x K instead.
void ck_pack(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed);
/// C = A B, or C += A B with `accumulate`. A: M x K, C: M x N, their rows `lda` and `ldc` apart.
void ck_packed_gemm(size_t m, size_t k, size_t n, const float *a, size_t lda, const float *packed, float *c, size_t ldc,
                    int accumulate);
/// The same for several time steps, the matrices of one step `a_step` and `c_step` after those of the step before. Steps
/// of few rows are taken `ck_packed_gemm_group(m)` at a time, so that B is read from afar less often.
void ck_packed_gemm_steps(size_t steps, size_t m, size_t k, size_t n, const float *a, ptrdiff_t a_step, size_t lda,
                          const float *packed, float *c, ptrdiff_t c_step, size_t ldc, int accumulate);
size_t ck_packed_gemm_group(size_t m);
/// C = A^T B, a weight's gradient: the sum over `steps` x `batch` rows. Rows of A (M numbers) are `lda` apart; row n of
/// step t of B (N numbers) stands at b[t * b_step + n * b_row]. `scratch` has room for `ck_gradient_scratch(n)` floats.
size_t ck_gradient_scratch(size_t n);
void ck_gradient_gemm(size_t m, size_t n, size_t steps, size_t batch, const float *a, size_t lda, const float *b,
                      size_t b_step, size_t b_row, float *c, size_t ldc, float *scratch);

// The gates of one time step, for `rows` sequences of H units. Rows of the states h and c are H apart, of `gates` as
// many units as it has blocks; y and dy, the outputs and their gradient, have rows `y_row` apart and may be null.
// `bias` may be null. Where `active` (if given) is 0 the sequence has ended: its state stays, its output is zero.
// Backward: dh comes in as what the next step sent back and goes out as what reaches the step before without passing
// through the weights; so does dc.

/// h = f(gates + bias), f = tanh, or ReLU with `rectify`. One block.
void ck_rnn_step(size_t rows, size_t H, int rectify, const float *gates, const float *bias, const float *h_before,
                 float *h, float *y, size_t y_row, const unsigned char *active);
void ck_rnn_step_backward(size_t rows, size_t H, int rectify, const float *h, const float *dy, size_t y_row, float *dh,
                          float *dgates, const unsigned char *active);
/// Four blocks: in, the sums of r, z and n from the input, and q from the state before, without biases; out, the gates
/// r, z, n and q with its bias. Backward: the gradients at r's, z's and n's sums, and at q.
void ck_gru_step(size_t rows, size_t H, float *gates, const float *bias, const float *h_before, float *h, float *y,
                 size_t y_row, const unsigned char *active);
void ck_gru_step_backward(size_t rows, size_t H, const float *gates, const float *h_before, const float *dy,
                          size_t y_row, float *dh, float *dgates, const unsigned char *active);
/// Four blocks: in, the sums of i, f, g, o without biases; out, the gates. Backward: the gradients at the sums.
void ck_lstm_step(size_t rows, size_t H, float *gates, const float *bias, const float *h_before, const float *c_before,
                  float *h, float *c, float *y, size_t y_row, const unsigned char *active);
void ck_lstm_step_backward(size_t rows, size_t H, const float *gates, const float *c_before, const float *c,
                           const float *dy, size_t y_row, float *dh, float *dc, float *dgates,
                           const unsigned char *active);
