/* UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with an int16 cell state: the plain LSTM with four gates, in the
 * same steps as TensorFlow Lite Micro, to get the same rounding. Always returns NN_OK.
 *
 * A step's hidden state is written to the output, and copied to the state when all units have read the old
 * one, so that no scratch is needed.
 */
#include <stddef.h>

#include "blocking.h"
#include "requantise.h"
#include "sigmoid_q15.h"

#define BLOCK 4 /* products at once */
enum { INPUT, FORGET, CELL, OUTPUT };

static const nn_activation int16_range = {INT16_MIN, INT16_MAX};

/* The sum of (weights + weights_offset) * (x + offset); the same without weights_offset is faster. */
NN_INLINE int32_t products(const int8_t *weights, int32_t weights_offset, const int8_t *x,
                           int32_t offset, int32_t size) {
  int32_t sum = 0;
  for (; size >= BLOCK; size -= BLOCK, x += BLOCK, weights += BLOCK) {
    int32_t a[BLOCK], b[BLOCK];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i) a[i] = weights[i];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i) b[i] = x[i];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i)
      sum = nn_wrap(sum, (a[i] + weights_offset) * (b[i] + offset));
  }
  for (int32_t i = 0; i < size; ++i)
    sum = nn_wrap(sum, (weights[i] + weights_offset) * (x[i] + offset));
  return sum;
}

/* One unit of a fully connected layer over x, in Q3.12. */
static int32_t connect(const int8_t *weights, int32_t weights_offset, const int8_t *x,
                       int32_t offset, int32_t size, int32_t bias, nn_quant quant) {
  const int32_t sum = weights_offset ? products(weights, weights_offset, x, offset, size)
                                     : products(weights, 0, x, offset, size);
  return nn_clamp(nn_multiply(nn_wrap(sum, bias), quant.multiplier, quant.shift), int16_range);
}

static int32_t gate_sum(const nn_lstm_params *params, const nn_lstm_gate *gate, int32_t unit,
                        const int8_t *input, const int8_t *hidden) {
  const int32_t inputs = params->inputs, units = params->units;
  const int32_t of_input =
      connect(gate->input_weights + unit * inputs, gate->input_weights_offset, input,
              params->input_offset, inputs, gate->bias[unit], gate->input);
  const int32_t of_hidden =
      connect(gate->hidden_weights + unit * units, gate->hidden_weights_offset, hidden,
              params->hidden_offset, units, 0, gate->hidden);
  return nn_clamp(of_input + of_hidden, int16_range);
}

static int32_t product(int32_t a, int32_t b, nn_quant quant) {
  return nn_multiply(a * b, quant.multiplier, quant.shift);
}

/* One unit's cell state after a step, and its hidden state, which is the output. */
static int8_t step(const nn_lstm_params *params, const nn_lstm_gate *gates, int32_t unit,
                   const int8_t *input, const int8_t *hidden, int16_t *cell) {
  const nn_activation int8_range = {-128, 127}, clip = {-params->cell_clip, params->cell_clip};
  int32_t gate[4];
  for (int i = 0; i < 4; ++i) {
    const int32_t sum = gate_sum(params, gates + i, unit, input, hidden);
    gate[i] = i == CELL ? nn_tanh_q15(sum, 0) : nn_sigmoid_q15(sum);
  }
  const int32_t kept = nn_clamp(product(gate[FORGET], *cell, params->forget), int16_range);
  const int32_t added = nn_clamp(product(gate[INPUT], gate[CELL], params->input), int16_range);
  const int32_t sum = nn_clamp(kept + added, int16_range);
  *cell = (int16_t)(params->cell_clip < 0 ? sum : nn_clamp(sum, clip));
  const int32_t tanh = nn_tanh_q15(*cell, params->tanh_shift);
  const int32_t output = product(tanh, gate[OUTPUT], params->output);
  return (int8_t)nn_clamp(nn_wrap(output, -params->hidden_offset), int8_range);
}

nn_status nn_lstm_s8(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates,
                     const int8_t *input, int8_t *hidden, int16_t *cell, int8_t *output) {
  const int32_t batches = params->batches, steps = params->steps, units = params->units;
  NN_RAN(ctx, "lstm_s8");
  for (int32_t b = 0; b < batches; ++b, hidden += units, cell += units) {
    for (int32_t t = 0; t < steps; ++t) {
      const int32_t place = params->time_major ? t * batches + b : b * steps + t;
      int8_t *const y = output + place * units;
      for (int32_t unit = 0; unit < units; ++unit)
        y[unit] = step(params, gates, unit, input + place * params->inputs, hidden, cell + unit);
      __builtin_memcpy(hidden, y, (size_t)units);
    }
  }
  return NN_OK;
}
