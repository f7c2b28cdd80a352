/* SVDF on int8, with STATE as the type of state and time weights: int8_t or int16_t, with limits STATE_MIN
 * and STATE_MAX. Units are computed one by one, so that only the state is stored. Sums may wrap, as TFLM's
 * do. */
#include "requantise.h"

/* The newest value of one filter's state. */
static STATE feature(const nn_svdf_params *params, const int8_t *input, const int8_t *weights) {
  const nn_activation range = {STATE_MIN, STATE_MAX};
  int32_t sum = 0;
  for (int32_t i = 0; i < params->inputs; ++i)
    sum = nn_wrap(sum, (input[i] + params->input_offset) * weights[i]);
  const int32_t value = nn_multiply(sum, params->feature.multiplier, params->feature.shift);
  /* Wraps, as in TFLM. */
  return (STATE)((uint32_t)nn_clamp(value, range) + (uint32_t)params->state_zero_point);
}

/* Shifts a filter's state by one, appends the newest value, and returns the weighted sum. */
static uint32_t step(const nn_svdf_params *params, STATE newest, const STATE *weights,
                     STATE *state) {
  const int32_t last = params->memory - 1;
  const uint32_t zero_point = (uint32_t)params->state_zero_point;
  uint32_t sum = 0;
  for (int32_t m = 0; m < last; ++m) {
    state[m] = state[m + 1];
    sum += (uint32_t)weights[m] * ((uint32_t)state[m] - zero_point);
  }
  state[last] = newest;
  return sum + (uint32_t)weights[last] * ((uint32_t)newest - zero_point);
}

static void svdf(const nn_svdf_params *params, const int8_t *input, const int8_t *feature_weights,
                 const STATE *time_weights, const int32_t *bias, STATE *state, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  for (int32_t n = 0; n < params->batches; ++n, input += params->inputs) {
    const int8_t *w = feature_weights;
    const STATE *t = time_weights;
    for (int32_t unit = 0; unit < params->units; ++unit) {
      uint32_t sum = (uint32_t)bias[unit];
      for (int32_t r = 0; r < params->rank; ++r) {
        sum += step(params, feature(params, input, w), t, state);
        w += params->inputs;
        t += params->memory;
        state += params->memory;
      }
      *output++ = nn_requantise((int32_t)sum, params->output.multiplier, params->output.shift,
                                params->output_offset, int8_range);
    }
  }
}
