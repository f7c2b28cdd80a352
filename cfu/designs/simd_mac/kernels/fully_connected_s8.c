/* FULLY_CONNECTED on int8 with the CFU simd_mac: any depth, number of channels and of batches.
 *
 * Four output channels at a time, in the accumulators of row 0. Every weight is used once, so the
 * time is that of fetching them: a loop step takes eight words, a line of the data cache, of each
 * channel, with the same words of the input in registers. Rows that are not whole words are copied
 * into scratch, padded with zeros. The effect of a filter zero point is added to the biases.
 *
 * Unless tensors are aligned to 4 bytes, as TFLM's are, the reference computes the layer.
 * Always returns NN_OK.
 */
#include "rows.h"

/* The amount that filter_offset adds to every sum. */
static int32_t filter_offset_term(const nn_fc_params *params, int32_t depth, const int8_t *input) {
  int32_t sum = depth * params->input_offset;
  if (params->filter_offset == 0) return 0;
  for (int32_t i = 0; i < depth; ++i) sum += input[i];
  return sum * params->filter_offset;
}

/* Set the scales of `count` channels from o on; `step` is 0 when all are the same, otherwise 1. */
NN_INLINE void set_scales(const nn_channel_quant *quant, int32_t o, int32_t step, int32_t count) {
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) {
    const int32_t i = k < count ? o + k * step : o;
    cfu_set_quant((uint32_t)k, (uint32_t)quant->multiplier[i], quant->shift[i]);
  }
}

/* The parameters of the channels besides their weights. */
typedef struct {
  const nn_channel_quant *quant;
  int32_t per_channel;
  const int32_t *bias;
  int32_t start; /* added to the biases */
} channel_parameters;

NN_INLINE void set_biases(const int32_t *bias, int32_t start) {
  int32_t value[CHANNELS];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) value[k] = bias[k];
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) value[k] += start;
  NN_UNROLL for (int k = 0; k < CHANNELS; ++k) cfu_set_bias((uint32_t)k, value[k]);
}

/* Compute aligned groups of four channels with biases and one scale. The next group's biases are
 * loaded while the CFU requantises. Out of line, so that the loops can use all registers. */
static __attribute__((noinline)) void multiply_groups(int32_t groups, int32_t words,
                                                      const int8_t *x, const int8_t *filter,
                                                      const int32_t *bias, int32_t start,
                                                      int8_t *output) {
  const int32_t row = words * 4;
  set_biases(bias, start);
  for (;;) {
    dot_rows(words, (const word *)x, filter, row);
    cfu_requantise(0);
    if (--groups == 0) break;
    filter += CHANNELS * row;
    bias += CHANNELS;
    set_biases(bias, start);
    *(word *)output = cfu_read(0);
    output += CHANNELS;
  }
  *(word *)output = cfu_read(0);
}

/* Compute channels first to channels - 1, the general case; copies: room for the rows of four of
 * them, or NULL when they are read in place. */
static void multiply_channels(const channel_parameters *p, int32_t depth, const int8_t *x,
                              const int8_t *filter, int32_t first, int32_t channels,
                              int8_t *output, int8_t *copies) {
  const int32_t row = (depth + 3) & ~3;
  for (int32_t o = first; o < channels; o += CHANNELS) {
    const int32_t some = channels - o < CHANNELS ? channels - o : CHANNELS;
    const int8_t *rows = filter + o * depth;
    if (copies) {
      for (int32_t k = 0; k < some; ++k) copy_bytes(copies + k * row, rows + k * depth, depth);
      rows = copies;
    }
    if (p->per_channel) set_scales(p->quant, o, 1, some);
    NN_UNROLL for (int k = 0; k < CHANNELS; ++k)
      cfu_set_bias((uint32_t)k, p->start + (p->bias && k < some ? p->bias[o + k] : 0));
    dot_rows(row >> 2, (const word *)x, rows, row);
    cfu_requantise(0);
    store_tile(1, output + o, 0, some, stored_as_words(output + o, 0, some));
  }
}

/* Copies in scratch: four rows of weights, if the channels are not a multiple of four or the depth
 * is not whole words, and in the latter case the input. */
static int32_t copied_rows(const nn_dims *filter_dims, const nn_dims *output_dims) {
  if (filter_dims->c & 3) return CHANNELS + 1;
  return (output_dims->c & 3) ? CHANNELS : 0;
}

int32_t nn_fully_connected_s8_scratch_size(const nn_fc_params *params, const nn_dims *input_dims,
                                           const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims;
  return copied_rows(filter_dims, output_dims) * ((filter_dims->c + 3) & ~3);
}

nn_status nn_fully_connected_s8(nn_context *ctx, const nn_fc_params *params,
                                const nn_channel_quant *quant, const nn_dims *input_dims,
                                const int8_t *input, const nn_dims *filter_dims,
                                const int8_t *filter, const int32_t *bias,
                                const nn_dims *output_dims, int8_t *output) {
  const int32_t depth = filter_dims->c, channels = output_dims->c, row = (depth + 3) & ~3;
  if (!is_aligned(input) || !is_aligned(filter))
    return nn_fully_connected_s8_reference(ctx, params, quant, input_dims, input, filter_dims,
                                           filter, bias, output_dims, output);
  NN_RAN(ctx, "fully_connected_s8");
  cfu_set_offsets(params->input_offset, params->output_offset);
  cfu_set_activation((int8_t)params->activation.min, (int8_t)params->activation.max);
  set_scales(quant, 0, 0, CHANNELS);

  const int32_t rows = copied_rows(filter_dims, output_dims);
  const int32_t in_place = row == depth ? channels & ~(CHANNELS - 1) : 0;
  int8_t *const copies = ctx->scratch, *const copied_input = copies + CHANNELS * row;
  fill_words(copies, 0, rows * row);
  for (int32_t n = 0; n < input_dims->n; ++n, input += depth, output += channels) {
    const channel_parameters p = {quant, params->per_channel, bias,
                                  filter_offset_term(params, depth, input)};
    const int8_t *x = input;
    if (row != depth) {
      copy_bytes(copied_input, input, depth);
      x = copied_input;
    }
    if (bias && !params->per_channel && is_aligned(output) && in_place > 0)
      multiply_groups(in_place / CHANNELS, row >> 2, x, filter, bias, p.start, output);
    else
      multiply_channels(&p, depth, x, filter, 0, in_place, output, 0);
    multiply_channels(&p, depth, x, filter, in_place, channels, output, copies);
  }
  return NN_OK;
}
