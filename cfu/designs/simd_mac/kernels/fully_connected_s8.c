/* FULLY_CONNECTED on int8 with the CFU simd_mac: any depth, number of channels and of batches.
 *
 * Four output channels at a time, in the accumulators of row 0. Every weight is used once, so the
 * time is that of fetching them: a loop step takes eight words, a line of the data cache, of each
 * channel, with the same words of the input in registers. Rows that are not whole words are copied
 * into scratch, filled with zeros. A filter zero point other than 0 is added to the biases.
 *
 * Tensors have to be aligned to 4 bytes, as TFLM's are; else the reference computes the layer.
 * Always returns NN_OK.
 */
#include "tiles.h"

#define STEP 8 /* words */

/* The next STEP words of all four channels. */
NN_INLINE void long_step(const word **x, const word **w) {
  word input[STEP], weight[STEP];
  NN_UNROLL for (int i = 0; i < STEP; ++i) input[i] = (*x)[i];
  *x += STEP;
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    NN_UNROLL for (int i = 0; i < STEP; ++i) weight[i] = w[k][i];
    w[k] += STEP;
    NN_UNROLL for (int i = 0; i < STEP; ++i) cfu_dot((uint32_t)k, input[i], weight[i]);
    NN_HOLD(w[k]); /* or the compiler would keep an offset to its start besides */
  }
}

/* The next word of all four channels. */
NN_INLINE void short_step(const word **x, const word **w) {
  const word input = *(*x)++;
  word weight[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) weight[k] = *w[k]++;
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_dot((uint32_t)k, input, weight[k]);
}

/* The sums of four channels. */
NN_INLINE void dot_rows(int32_t words, const word *x, const int8_t *const filter[CHANNELS]) {
  const word *w[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) w[k] = (const word *)filter[k];
  const word *const end = x + words, *const end_of_steps = x + words / STEP * STEP;
  while (x != end_of_steps) long_step(&x, w);
  while (x != end) short_step(&x, w);
}

/* What filter_offset adds to every sum. */
static int32_t filter_offset_term(const nn_fc_params *params, int32_t depth, const int8_t *input) {
  int32_t sum = depth * params->input_offset;
  if (params->filter_offset == 0) return 0;
  for (int32_t i = 0; i < depth; ++i) sum += input[i];
  return sum * params->filter_offset;
}

/* Scales of `count` channels from o on, `step` (0: all the same, or 1) apart. */
NN_INLINE void set_scales(const nn_channel_quant *quant, int32_t o, int32_t step, int32_t count) {
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    const int32_t i = k < count ? o + k * step : o;
    cfu_set_quant((uint32_t)k, (uint32_t)quant->multiplier[i], quant->shift[i]);
  }
}

NN_INLINE void set_biases(const int32_t *bias, int32_t count, int32_t start) {
  if (bias && count == CHANNELS) {
    int32_t values[CHANNELS];
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) values[k] = bias[k] + start;
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_set_bias((uint32_t)k, values[k]);
    return;
  }
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k)
    cfu_set_bias((uint32_t)k, start + (bias && k < count ? bias[k] : 0));
}

/* The copies of five rows, each filled up to whole words; 0 when no copies are needed. */
static int32_t copied_row(int32_t depth) { return (depth & 3) ? (depth + 3) & ~3 : 0; }

int32_t nn_fully_connected_s8_scratch_size(const nn_fc_params *params, const nn_dims *input_dims,
                                           const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)output_dims;
  return (1 + CHANNELS) * copied_row(filter_dims->c);
}

nn_status nn_fully_connected_s8(nn_context *ctx, const nn_fc_params *params,
                                const nn_channel_quant *quant, const nn_dims *input_dims,
                                const int8_t *input, const nn_dims *filter_dims,
                                const int8_t *filter, const int32_t *bias,
                                const nn_dims *output_dims, int8_t *output) {
  const int32_t depth = filter_dims->c, channels = output_dims->c, row = copied_row(depth);
  if (!is_aligned(input) || !is_aligned(filter))
    return nn_fully_connected_s8_reference(ctx, params, quant, input_dims, input, filter_dims,
                                           filter, bias, output_dims, output);
  NN_RAN(ctx, "fully_connected_s8");
  cfu_set_offsets(params->input_offset, params->output_offset);
  cfu_set_activation((int8_t)params->activation.min, (int8_t)params->activation.max);
  set_scales(quant, 0, 0, CHANNELS);

  const int32_t words = (row ? row : depth) >> 2;
  int8_t *const copies = ctx->scratch;
  if (row) fill_words(copies, 0, (1 + CHANNELS) * row);
  for (int32_t n = 0; n < input_dims->n; ++n, input += depth) {
    const int32_t start = filter_offset_term(params, depth, input);
    const int8_t *x = input;
    if (row) {
      copy_bytes(copies, input, depth);
      x = copies;
    }
    for (int32_t o = 0; o < channels; o += CHANNELS, output += CHANNELS) {
      const int32_t count = channels - o < CHANNELS ? channels - o : CHANNELS;
      const int8_t *w[CHANNELS];
      NN_UNROLL for (int k = 0; k < CHANNELS; ++k) { /* what lies beyond the last is not stored */
        w[k] = filter + (o + (k < count ? k : 0)) * depth;
        if (row) {
          copy_bytes(copies + (1 + k) * row, w[k], depth);
          w[k] = copies + (1 + k) * row;
        }
      }
      if (params->per_channel) set_scales(quant, o, 1, count);
      set_biases(bias ? bias + o : bias, count, start);
      dot_rows(words, (const word *)x, w);
      cfu_requantise(0);
      pending_tile pending = {output, 0, 1, count};
      flush(&pending);
    }
    output -= (CHANNELS - (channels & (CHANNELS - 1))) & (CHANNELS - 1);
  }
  return NN_OK;
}
