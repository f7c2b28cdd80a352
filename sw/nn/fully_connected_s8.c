/* FULLY_CONNECTED on int8: any depth, channel count and number of batches.
 *
 * Computes four output channels at a time, so that each input value is loaded once for four
 * multiplications. A filter zero point other than 0 costs one more sum over the input.
 * Needs no scratch. Always returns NN_OK.
 */
#include "blocking.h"
#include "requantise.h"

#define CHANNELS 4

/* One step: input value i times weight i of every channel. */
NN_INLINE void multiply_add(int channels, const int8_t *x, const int8_t *const *w, int32_t i,
                            int32_t input_offset, int32_t acc[CHANNELS]) {
  int32_t weight[CHANNELS], input = x[i];
  NN_UNROLL for (int c = 0; c < channels; ++c) weight[c] = w[c][i];
  input += input_offset;
  NN_UNROLL for (int c = 0; c < channels; ++c) acc[c] = nn_wrap(acc[c], input * weight[c]);
  NN_UNROLL for (int c = 0; c < channels; ++c) NN_HOLD(acc[c]);
}

/* The sums of `channels` output channels. */
NN_INLINE void accumulate(int channels, int32_t depth, const int8_t *x, int32_t input_offset,
                          const int8_t *filter, int32_t acc[CHANNELS]) {
  const int8_t *w[CHANNELS];
  const int8_t *const end = x + depth, *const end4 = x + (depth & ~3);
  NN_UNROLL for (int c = 0; c < channels; ++c) w[c] = filter + c * depth;
  while (x != end4) {
    NN_UNROLL for (int i = 0; i < 4; ++i) multiply_add(channels, x, w, i, input_offset, acc);
    x += 4;
    NN_UNROLL for (int c = 0; c < channels; ++c) w[c] += 4;
  }
  while (x != end) {
    multiply_add(channels, x, w, 0, input_offset, acc);
    ++x;
    NN_UNROLL for (int c = 0; c < channels; ++c) ++w[c];
  }
}

/* The contribution of filter_offset to every sum. */
static int32_t filter_offset_term(const nn_fc_params *params, int32_t depth, const int8_t *input) {
  uint32_t sum = (uint32_t)depth * (uint32_t)params->input_offset;
  if (params->filter_offset == 0) return 0;
  for (int32_t i = 0; i < depth; ++i) sum += (uint32_t)input[i];
  return (int32_t)(sum * (uint32_t)params->filter_offset);
}

/* The outputs o ... o + channels - 1 of one batch. */
NN_INLINE void block(int channels, const nn_fc_params *params, const nn_channel_quant *quant,
                     int32_t depth, const int8_t *input, const int8_t *filter, const int32_t *bias,
                     int32_t start, int32_t o, int8_t *output) {
  int32_t acc[CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) acc[c] = nn_wrap(start, bias ? bias[o + c] : 0);
  accumulate(channels, depth, input, params->input_offset, filter + o * depth, acc);
  NN_UNROLL for (int c = 0; c < channels; ++c) {
    const int32_t q = (o + c) * params->per_channel;
    output[o + c] = nn_requantise(acc[c], quant->multiplier[q], quant->shift[q],
                                  params->output_offset, params->activation);
  }
}

int32_t nn_fully_connected_s8_scratch_size(const nn_fc_params *params, const nn_dims *input_dims,
                                           const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)filter_dims, (void)output_dims;
  return 0;
}

nn_status nn_fully_connected_s8(nn_context *ctx, const nn_fc_params *params,
                                const nn_channel_quant *quant, const nn_dims *input_dims,
                                const int8_t *input, const nn_dims *filter_dims,
                                const int8_t *filter, const int32_t *bias,
                                const nn_dims *output_dims, int8_t *output) {
  const int32_t depth = filter_dims->c, channels = output_dims->c;
  NN_RAN(ctx, "fully_connected_s8");
  for (int32_t n = 0; n < input_dims->n; ++n, input += depth, output += channels) {
    const int32_t start = filter_offset_term(params, depth, input);
    int32_t o = 0;
    for (; o + CHANNELS <= channels; o += CHANNELS)
      block(CHANNELS, params, quant, depth, input, filter, bias, start, o, output);
    for (; o < channels; ++o)
      block(1, params, quant, depth, input, filter, bias, start, o, output);
  }
  return NN_OK;
}
