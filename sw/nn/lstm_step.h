/* For kernels of UNIDIRECTIONAL_SEQUENCE_LSTM that compute all matrix products of a step, in Q3.12, before the rest.
 *
 * nn_lstm_step        all units' next cell states and hidden states, from units x gates such numbers.
 */
#ifndef CFUFORGE_NN_LSTM_STEP_H
#define CFUFORGE_NN_LSTM_STEP_H

#include "lstm.h"

NN_INLINE void nn_lstm_units(const nn_lstm_params *params, int simple, const int16_t *of_input,
                            const int16_t *of_hidden, int16_t *cell, int8_t *output) {
  const nn_lstm_params own = *params; /* no store changes it */
  const nn_activation range = nn_lstm_range(&own);
  const int8_t *const end = output + own.units;
  for (; output != end; ++output, ++cell, of_input += NN_LSTM_GATES, of_hidden += NN_LSTM_GATES) {
    int32_t sums[NN_LSTM_GATES];
    NN_UNROLL for (int i = 0; i < NN_LSTM_GATES; ++i) sums[i] = of_input[i] + of_hidden[i];
    *output = nn_lstm_unit(&own, simple, range, sums, cell);
  }
}

/* Out of line, so that the loops can use all registers. */
static __attribute__((noinline)) void nn_lstm_step(const nn_lstm_params *params, const int16_t *of_input,
                                                  const int16_t *of_hidden, int16_t *cell, int8_t *output) {
  if (nn_lstm_is_simple(params))
    nn_lstm_units(params, 1, of_input, of_hidden, cell, output);
  else
    nn_lstm_units(params, 0, of_input, of_hidden, cell, output);
}

#endif
