/* What all kernels of UNIDIRECTIONAL_SEQUENCE_LSTM share, in the same steps as TensorFlow Lite Micro, to get the same
 * rounding.
 *
 * nn_lstm_sum         a gate's products with the input, or with the hidden state, from their sum to Q3.12.
 * nn_lstm_unit        a unit's next cell state and hidden state, from the sums of its gates' two such numbers.
 * nn_lstm_is_simple   whether that may be told that the layer is `simple`, for which it takes less.
 * nn_lstm_range       the cell state's limits, which that is given, too.
 */
#ifndef CFUFORGE_NN_LSTM_H
#define CFUFORGE_NN_LSTM_H

#include "blocking.h"
#include "requantise.h"
#include "sigmoid_q15.h"

enum { NN_LSTM_INPUT, NN_LSTM_FORGET, NN_LSTM_CELL, NN_LSTM_OUTPUT, NN_LSTM_GATES };

/* The value as it is kept in 16 bits, saturated, which is rare: other code would jump if it is not. */
static inline int32_t nn_lstm_narrow(int32_t value) {
  int32_t narrow = (int16_t)value;
  if (__builtin_expect(narrow != value, 0)) {
    narrow = value < 0 ? INT16_MIN : INT16_MAX;
    NN_HOLD(narrow);
  }
  return narrow;
}

static inline int32_t nn_lstm_sum(int32_t sum, nn_quant quant) {
  return nn_lstm_narrow(nn_multiply(sum, quant.multiplier, quant.shift));
}

static inline int32_t nn_lstm_product(int32_t a, int32_t b, nn_quant quant) {
  return nn_multiply(a * b, quant.multiplier, quant.shift);
}

/* x * 2^(shift - 1), rounded twice as others are. */
static inline int32_t nn_lstm_shifted(int32_t x, int32_t shift) {
  x = (x + 1) >> 1;
  return (((x + (x >> 31)) >> (-shift - 1)) + 1) >> 1;
}

/* The cell state's scale is a power of two; then what is kept of it has 16 bits. */
enum { NN_LSTM_KEPT_SHIFT = -14 };
static inline int nn_lstm_is_simple(const nn_lstm_params *params) {
  const int32_t half = 1 << 30;
  return params->forget.multiplier == half && params->forget.shift == NN_LSTM_KEPT_SHIFT &&
         params->input.multiplier == half && params->input.shift < 0;
}

/* The limits of a cell state. */
static inline nn_activation nn_lstm_range(const nn_lstm_params *params) {
  if (params->cell_clip < 0) return (nn_activation){INT16_MIN, INT16_MAX};
  return (nn_activation){-params->cell_clip, params->cell_clip};
}

NN_INLINE int8_t nn_lstm_unit(const nn_lstm_params *params, int simple, nn_activation range, const int32_t *sums,
                              int16_t *cell) {
  const nn_activation int8_range = {-128, 127};
  const int32_t input = nn_sigmoid_q15(nn_lstm_narrow(sums[NN_LSTM_INPUT]));
  const int32_t forget = nn_sigmoid_q15(nn_lstm_narrow(sums[NN_LSTM_FORGET]));
  const int32_t new_cell = nn_tanh_q15(nn_lstm_narrow(sums[NN_LSTM_CELL]), 0);
  const int32_t gate = nn_sigmoid_q15(nn_lstm_narrow(sums[NN_LSTM_OUTPUT]));
  const int32_t kept = simple ? nn_lstm_shifted(forget * *cell, NN_LSTM_KEPT_SHIFT)
                              : nn_lstm_narrow(nn_lstm_product(forget, *cell, params->forget));
  const int32_t added = nn_lstm_narrow(simple ? nn_lstm_shifted(input * new_cell, params->input.shift)
                                              : nn_lstm_product(input, new_cell, params->input));
  int32_t state = kept + added;
  if (__builtin_expect((uint32_t)(state - range.min) > (uint32_t)(range.max - range.min), 0)) {
    state = state < range.min ? range.min : range.max;
    NN_HOLD(state);
  }
  *cell = (int16_t)state;
  const int32_t output = nn_lstm_product(nn_tanh_q15(state, params->tanh_shift), gate, params->output);
  return (int8_t)nn_clamp(nn_wrap(output, -params->hidden_offset), int8_range);
}

#endif
