#pragma once
#include <stddef.h>

// The gates of recurrent layers, forward and backward, each in one pass. Rows are sequences of the batch; what a row
// becomes depends on no other row, so a batch may be cut anywhere and give the same bits.

// The gates of one time step, for `rows` sequences of H units. Rows of the states h and c are H apart, of `gates` and
// `dgates` `gate_row`; y and dy, the outputs and their gradient, have rows `y_row` apart and may be null.
// `bias` may be null. Where `active` (if given) is 0 the sequence has ended: its state stays, its output is zero.
// Backward: dh comes in as what the next step sent back and goes out as what reaches the step before without passing
// through the weights; so does dc.

/// h = f(gates + bias), f = tanh, or ReLU with `rectify`. One block.
void ck_rnn_step(size_t rows, size_t H, int rectify, const float *gates, size_t gate_row, const float *bias,
                 const float *h_before, float *h, float *y, size_t y_row, const unsigned char *active);
void ck_rnn_step_backward(size_t rows, size_t H, int rectify, const float *h, const float *dy, size_t y_row, float *dh,
                          float *dgates, size_t gate_row, const unsigned char *active);
/// Four blocks: in, the sums of r, z and n from the input, and q from the state before, without biases; out, the gates
/// r, z, n and q with its bias. Backward: the gradients at r's, z's and n's sums, and at q.
void ck_gru_step(size_t rows, size_t H, float *gates, size_t gate_row, const float *bias, const float *h_before,
                 float *h, float *y, size_t y_row, const unsigned char *active);
void ck_gru_step_backward(size_t rows, size_t H, const float *gates, size_t gate_row, const float *h_before,
                          const float *dy, size_t y_row, float *dh, float *dgates, const unsigned char *active);
/// Four blocks: in, the sums of i, f, g, o without biases; out, the gates. Backward: the gradients at the sums.
void ck_lstm_step(size_t rows, size_t H, float *gates, size_t gate_row, const float *bias, const float *h_before,
                  const float *c_before, float *h, float *c, float *y, size_t y_row, const unsigned char *active);
void ck_lstm_step_backward(size_t rows, size_t H, const float *gates, size_t gate_row, const float *c_before,
                           const float *c, const float *dy, size_t y_row, float *dh, float *dc, float *dgates,
                           const unsigned char *active);
