/* UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with an int16 cell state: the plain LSTM with four gates, in the
 * same steps as TensorFlow Lite Micro, to get the same rounding. Always returns NN_OK.
 *
 * A step's hidden state is written to the output, and copied to the state when all units have read the old
 * one, so that no scratch is needed.
 */
#include <stddef.h>

#include "blocking.h"
#include "lstm.h"

#define BLOCK 4 /* products at once */

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
  return nn_lstm_sum(nn_wrap(sum, bias), quant);
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
  return of_input + of_hidden;
}

int32_t nn_lstm_s8_scratch_size(const nn_lstm_params *params) {
  (void)params;
  return 0;
}

nn_status nn_lstm_s8(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates,
                     const int8_t *input, int8_t *hidden, int16_t *cell, int8_t *output) {
  const int32_t batches = params->batches, steps = params->steps, units = params->units;
  const nn_activation range = nn_lstm_range(params);
  NN_RAN(ctx, "lstm_s8");
  for (int32_t b = 0; b < batches; ++b, hidden += units, cell += units) {
    for (int32_t t = 0; t < steps; ++t) {
      const int32_t place = params->time_major ? t * batches + b : b * steps + t;
      int8_t *const y = output + place * units;
      for (int32_t unit = 0; unit < units; ++unit) {
        int32_t sums[NN_LSTM_GATES];
        for (int i = 0; i < NN_LSTM_GATES; ++i)
          sums[i] = gate_sum(params, gates + i, unit, input + place * params->inputs, hidden);
        y[unit] = nn_lstm_unit(params, 0, range, sums, cell + unit);
      }
      __builtin_memcpy(hidden, y, (size_t)units);
    }
  }
  return NN_OK;
}
