/* SVDF on int8 with the CFU simd_mac, with STATE as for svdf.h: the products of four filters at a time with the input,
 * and those of each with its state if that has 8 bits; 16 bits are left to the CPU. Inputs are whole words, aligned. */
#include "rows.h"
#include "svdf.h"

/* Whether svdf_by_cfu can compute it. */
static inline int svdf_fits(const nn_svdf_params *params, const int8_t *input, const int8_t *feature_weights) {
  return (params->inputs & 3) == 0 && is_aligned(input) && is_aligned(feature_weights);
}

/* The requantised sums of four filters. Out of line, so that the loops can use all registers. */
static __attribute__((noinline)) void svdf_features(const nn_svdf_params *params, const int8_t *input,
                                                     const int8_t *const *filter, int32_t *values) {
  const word *w[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_set_bias((uint32_t)k, 0);
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) w[k] = (const word *)filter[k];
  dot_channels(params->inputs >> 2, (const word *)input, w);
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) values[k] = cfu_read_acc((uint32_t)k);
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k)
    values[k] = nn_multiply(values[k], params->feature.multiplier, params->feature.shift);
}

/* As svdf_step, for a state in whole words. */
static __attribute__((noinline)) uint32_t svdf_dot_step(const nn_svdf_params *params, int32_t value,
                                                        const STATE *weights, STATE *state) {
  const svdf_word newest = (svdf_word)svdf_newest(params, value);
  const word *w = (const word *)weights;
  svdf_word *to = (svdf_word *)state, *const last = (svdf_word *)(state + params->memory) - 1, values = *to;
  cfu_set_bias(0, 0);
  for (; to != last; ++to) {
    const svdf_word next = to[1], shifted = svdf_shifted(values, next);
    cfu_dot(0, shifted, *w++);
    *to = shifted;
    values = next;
  }
  values = svdf_shifted(values, newest);
  *to = values;
  cfu_dot(0, values, *w);
  return (uint32_t)cfu_read_acc(0);
}

static inline void svdf_by_cfu(const nn_svdf_params *params, const int8_t *input, const int8_t *feature_weights,
                               const STATE *time_weights, const int32_t *bias, STATE *state, int8_t *output) {
  const int32_t filters = params->rank * params->units;
  const int dots = sizeof(STATE) == 1 && svdf_is_words(params, state) && is_aligned(time_weights);
  for (int32_t n = 0; n < params->batches; ++n, input += params->inputs) {
    const STATE *t = time_weights;
    int32_t unit = 0, rank = 0;
    uint32_t sum = 0;
    for (int32_t f = 0; f < filters; f += CHANNELS) {
      const int32_t some = filters - f < CHANNELS ? filters - f : CHANNELS;
      const int8_t *filter[CHANNELS];
      int32_t values[CHANNELS];
      for (int k = 0; k < CHANNELS; ++k) filter[k] = feature_weights + (f + (k < some ? k : 0)) * params->inputs;
      cfu_set_offsets(params->input_offset, 0);
      svdf_features(params, input, filter, values);
      cfu_set_offsets(-params->state_zero_point, 0);
      for (int k = 0; k < some; ++k, t += params->memory, state += params->memory) {
        sum += dots ? svdf_dot_step(params, values[k], t, state) : svdf_step(params, values[k], t, state);
        if (++rank < params->rank) continue;
        *output++ = svdf_output(params, sum + (uint32_t)bias[unit++]);
        rank = 0, sum = 0;
      }
    }
  }
}
