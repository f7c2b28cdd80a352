/* TRANSPOSE_CONV on int8: any filter, stride, padding and channel counts.
 *
 * Gathers instead of scattering, so that no accumulators are kept in memory: the taps that reach an output
 * pixel are every stride-th one of the filter, while the input position decreases by one. Computes four
 * output channels at a time. Needs no scratch. Always returns NN_OK.
 */
#include "blocking.h"
#include "requantise.h"

#define CHANNELS 4

/* The taps that reach an output position along one axis: `count` taps tap, tap + stride, ... of the input
 * positions input, input - 1, ... */
typedef struct {
  int32_t tap, input, count;
} reach;

static reach find_reach(int32_t position, int32_t stride, int32_t taps, int32_t size) {
  reach found = {position % stride, position / stride, 0};
  if (found.input >= size) {
    found.tap += (found.input - size + 1) * stride;
    found.input = size - 1;
  }
  if (found.tap >= taps) return (reach){0, 0, 0};
  found.count = (taps - found.tap + stride - 1) / stride;
  if (found.count > found.input + 1) found.count = found.input + 1;
  return found;
}

/* The taps of one output pixel: rows x columns, of `depth` values each. */
typedef struct {
  int32_t rows, columns, depth;
  int32_t input_row, input_column, filter_row, filter_column; /* distances between taps */
  int32_t filter_channel;                                     /* ... between output channels */
  int32_t input_offset;
} pixel_taps;

/* Parameters of the output channels. */
typedef struct {
  const int32_t *multiplier, *bias;
  const int8_t *shift;
  int32_t output_offset;
  nn_activation activation;
} output_stage;

/* channels is a constant where it is inlined. */
NN_INLINE void block(int channels, const pixel_taps *taps, const int8_t *input,
                     const int8_t *filter, const output_stage *stage, int32_t o, int8_t *output) {
  const int32_t input_offset = taps->input_offset, depth = taps->depth;
  int32_t acc[CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) acc[c] = stage->bias ? stage->bias[o + c] : 0;
  for (int32_t row = 0; row < taps->rows; ++row) {
    for (int32_t column = 0; column < taps->columns; ++column) {
      const int8_t *x = input - row * taps->input_row - column * taps->input_column;
      const int8_t *const end = x + depth, *w[CHANNELS];
      w[0] = filter + row * taps->filter_row + column * taps->filter_column;
      NN_UNROLL for (int c = 1; c < channels; ++c) w[c] = w[c - 1] + taps->filter_channel;
      while (x != end) {
        const int32_t value = *x++ + input_offset;
        NN_UNROLL for (int c = 0; c < channels; ++c) acc[c] = nn_wrap(acc[c], value * *w[c]++);
      }
    }
  }
  NN_UNROLL for (int c = 0; c < channels; ++c) {
    output[o + c] = nn_requantise(acc[c], stage->multiplier[o + c], stage->shift[o + c],
                                  stage->output_offset, stage->activation);
  }
}

int32_t nn_transpose_conv_s8_scratch_size(const nn_transpose_conv_params *params,
                                          const nn_dims *input_dims, const nn_dims *filter_dims,
                                          const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)filter_dims, (void)output_dims;
  return 0;
}

nn_status nn_transpose_conv_s8(nn_context *ctx, const nn_transpose_conv_params *params,
                               const nn_channel_quant *quant, const nn_dims *input_dims,
                               const int8_t *input, const nn_dims *filter_dims,
                               const int8_t *filter, const int32_t *bias,
                               const nn_dims *output_dims, int8_t *output) {
  const int32_t depth = input_dims->c, input_row = input_dims->w * depth;
  const int32_t filter_row = filter_dims->w * depth, channels = output_dims->c;
  const nn_size stride = params->stride;
  pixel_taps taps = {
      .depth = depth,
      .input_row = input_row,
      .input_column = depth,
      .filter_row = stride.h * filter_row,
      .filter_column = stride.w * depth,
      .filter_channel = filter_dims->h * filter_row,
      .input_offset = params->input_offset,
  };
  const output_stage stage = {quant->multiplier, bias, quant->shift, params->output_offset,
                              params->activation};
  NN_RAN(ctx, "transpose_conv_s8");
  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const reach y = find_reach(oy + params->padding.h, stride.h, filter_dims->h, input_dims->h);
      taps.rows = y.count;
      for (int32_t ox = 0; ox < output_dims->w; ++ox, output += channels) {
        const reach x = find_reach(ox + params->padding.w, stride.w, filter_dims->w, input_dims->w);
        const int8_t *corner = input + y.input * input_row + x.input * depth;
        const int8_t *w = filter + y.tap * filter_row + x.tap * depth;
        int32_t o = 0;
        taps.columns = x.count;
        for (; o + CHANNELS <= channels; o += CHANNELS, w += CHANNELS * taps.filter_channel)
          block(CHANNELS, &taps, corner, w, &stage, o, output);
        for (; o < channels; ++o, w += taps.filter_channel)
          block(1, &taps, corner, w, &stage, o, output);
      }
    }
  }
  return NN_OK;
}
