/* SVDF on int8, with STATE as the type of state and time weights: int8_t or int16_t, with limits STATE_MIN
 * and STATE_MAX. Sums may wrap, as TFLM's do.
 *
 * svdf                computes the layer, unit by unit, so that only the state is stored.
 * svdf_over_time      computes it from its feature sums, requantised and saturated to 16 bits.
 * svdf_push_all       only shifts the state, and appends these.
 */
#include "blocking.h"
#include "requantise.h"

typedef uint32_t __attribute__((may_alias)) svdf_word;
enum { BITS = 8 * sizeof(STATE), VALUES = sizeof(svdf_word) / sizeof(STATE) };

/* The weighted sum of the values in a word. */
NN_INLINE uint32_t svdf_sum(uint32_t sum, svdf_word values, uint32_t zero_point, const STATE *weights) {
  STATE factors[VALUES];
  NN_UNROLL for (int i = 0; i < VALUES; ++i) factors[i] = weights[i];
  NN_UNROLL for (int i = 0; i < VALUES; ++i)
    sum += (uint32_t)factors[i] * ((uint32_t)(STATE)(values >> BITS * i) - zero_point);
  return sum;
}

/* The value of the state for a requantised sum. */
NN_INLINE STATE svdf_newest(const nn_svdf_params *params, int32_t value) {
  const nn_activation range = {STATE_MIN, STATE_MAX};
  return (STATE)((uint32_t)nn_clamp(value, range) + (uint32_t)params->state_zero_point); /* wraps, as in TFLM */
}

/* Whether all filters' states are whole words. */
NN_INLINE int svdf_is_words(const nn_svdf_params *params, const STATE *state) {
  return (((uintptr_t)state | (uintptr_t)params->memory * sizeof(STATE)) & (sizeof(svdf_word) - 1)) == 0;
}

/* A word of the state, shifted by one value, and followed by the next. */
NN_INLINE svdf_word svdf_shifted(svdf_word word, svdf_word next) { return word >> BITS | next << (32 - BITS); }

/* Shifts a filter's state by one, appends the newest value, and returns the weighted sum. Whole words are shifted as
 * such: stores take long. Out of line, so that the loops can use all registers. */
static __attribute__((noinline)) uint32_t svdf_step(const nn_svdf_params *params, int32_t value, const STATE *weights,
                                                    STATE *state) {
  const uint32_t zero_point = (uint32_t)params->state_zero_point;
  const STATE newest = svdf_newest(params, value);
  const STATE *const last = state + params->memory - 1;
  uint32_t sum = 0;
  if (!svdf_is_words(params, state)) {
    for (; state != last; ++state, ++weights) {
      *state = state[1];
      sum += (uint32_t)*weights * ((uint32_t)*state - zero_point);
    }
    *state = newest;
    return sum + (uint32_t)*weights * ((uint32_t)newest - zero_point);
  }
  svdf_word *word = (svdf_word *)state, *const last_word = (svdf_word *)(last + 1) - 1, values = *word;
  for (; word != last_word; ++word, weights += VALUES) {
    const svdf_word next = word[1];
    *word = svdf_shifted(values, next);
    sum = svdf_sum(sum, *word, zero_point, weights);
    values = next;
  }
  *word = svdf_shifted(values, (svdf_word)newest);
  return svdf_sum(sum, *word, zero_point, weights);
}

static inline void svdf_push(const nn_svdf_params *params, STATE newest, STATE *state) {
  const STATE *const last = state + params->memory - 1;
  if (!svdf_is_words(params, state)) {
    for (; state != last; ++state) *state = state[1];
    *state = newest;
    return;
  }
  svdf_word *word = (svdf_word *)state, *const last_word = (svdf_word *)(last + 1) - 1, values = *word;
  for (; word != last_word; ++word) {
    const svdf_word next = word[1];
    *word = svdf_shifted(values, next);
    values = next;
  }
  *word = svdf_shifted(values, (svdf_word)newest);
}

static inline void svdf_push_all(const nn_svdf_params *params, const int16_t *features, STATE *state) {
  const int16_t *const end = features + params->batches * params->rank * params->units;
  for (; features != end; ++features, state += params->memory) svdf_push(params, svdf_newest(params, *features), state);
}

static inline int8_t svdf_output(const nn_svdf_params *params, uint32_t sum) {
  const nn_activation range = {-128, 127};
  return nn_requantise((int32_t)sum, params->output.multiplier, params->output.shift, params->output_offset, range);
}

static inline void svdf_over_time(const nn_svdf_params *params, const int16_t *features, const STATE *time_weights,
                                  const int32_t *bias, STATE *state, int8_t *output) {
  for (int32_t n = 0; n < params->batches; ++n) {
    const STATE *t = time_weights;
    for (int32_t unit = 0; unit < params->units; ++unit) {
      uint32_t sum = (uint32_t)bias[unit];
      for (int32_t r = 0; r < params->rank; ++r, t += params->memory, state += params->memory)
        sum += svdf_step(params, *features++, t, state);
      *output++ = svdf_output(params, sum);
    }
  }
}

/* One filter's sum, requantised. */
static inline int32_t svdf_feature(const nn_svdf_params *params, const int8_t *input, const int8_t *weights) {
  int32_t sum = 0;
  for (int32_t i = 0; i < params->inputs; ++i)
    sum = nn_wrap(sum, (input[i] + params->input_offset) * weights[i]);
  return nn_multiply(sum, params->feature.multiplier, params->feature.shift);
}

static inline void svdf(const nn_svdf_params *params, const int8_t *input, const int8_t *feature_weights,
                        const STATE *time_weights, const int32_t *bias, STATE *state, int8_t *output) {
  for (int32_t n = 0; n < params->batches; ++n, input += params->inputs) {
    const int8_t *w = feature_weights;
    const STATE *t = time_weights;
    for (int32_t unit = 0; unit < params->units; ++unit) {
      uint32_t sum = (uint32_t)bias[unit];
      for (int32_t r = 0; r < params->rank; ++r) {
        sum += svdf_step(params, svdf_feature(params, input, w), t, state);
        w += params->inputs;
        t += params->memory;
        state += params->memory;
      }
      *output++ = svdf_output(params, sum);
    }
  }
}
