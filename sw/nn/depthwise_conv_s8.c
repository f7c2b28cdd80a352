/* DEPTHWISE_CONV_2D on int8: any kernel, stride, dilation, padding and depth multiplier.
 *
 * Computes four output channels of one pixel at a time: with depth multiplier 1 they read four
 * neighbouring input channels, with a multiple of 4 all the same one. Other multipliers, and remaining
 * channels, are computed one by one. The window is clipped to the input once for each pixel. Needs no
 * scratch. Returns NN_OK, or NN_UNSUPPORTED when the output channels are not the input channels times the
 * depth multiplier.
 */
#include "blocking.h"
#include "requantise.h"
#include "window.h"

#define CHANNELS 4

/* The clipped window of one pixel. */
typedef struct {
  int32_t rows, columns;
  int32_t input_row, input_column, filter_row, filter_column; /* distances between taps */
  int32_t input_offset;
} window_taps;

/* The sums of `channels` output channels; shared: all of them read one input channel. */
NN_INLINE void accumulate(int channels, int shared, const window_taps *taps, const int8_t *input,
                          const int8_t *filter, int32_t acc[CHANNELS]) {
  const int32_t input_offset = taps->input_offset, input_column = taps->input_column;
  const int32_t filter_column = taps->filter_column;
  const int32_t filter_span = taps->columns * filter_column;
  for (int32_t row = 0; row < taps->rows; ++row) {
    const int8_t *x = input, *w = filter;
    const int8_t *const end = w + filter_span;
    while (w != end) {
      int32_t value[CHANNELS], weight[CHANNELS];
      NN_UNROLL for (int c = 0; c < (shared ? 1 : channels); ++c) value[c] = x[c];
      NN_UNROLL for (int c = 0; c < channels; ++c) weight[c] = w[c];
      x += input_column;
      w += filter_column;
      NN_UNROLL for (int c = 0; c < (shared ? 1 : channels); ++c) value[c] += input_offset;
      NN_UNROLL for (int c = 0; c < channels; ++c)
        acc[c] = nn_wrap(acc[c], value[shared ? 0 : c] * weight[c]);
      NN_UNROLL for (int c = 0; c < channels; ++c) NN_HOLD(acc[c]);
    }
    input += taps->input_row;
    filter += taps->filter_row;
  }
}

/* Parameters of the output channels. */
typedef struct {
  const int32_t *multiplier, *bias;
  const int8_t *shift;
  int32_t output_offset;
  nn_activation activation;
} output_stage;

NN_INLINE void block(int channels, int shared, const window_taps *taps, const int8_t *input,
                     const int8_t *filter, const output_stage *stage, int32_t o, int8_t *output) {
  int32_t acc[CHANNELS];
  NN_UNROLL for (int c = 0; c < channels; ++c) acc[c] = stage->bias ? stage->bias[o + c] : 0;
  accumulate(channels, shared, taps, input, filter + o, acc);
  NN_UNROLL for (int c = 0; c < channels; ++c)
    output[o + c] = nn_requantise(acc[c], stage->multiplier[o + c], stage->shift[o + c],
                                  stage->output_offset, stage->activation);
}

/* All channels of one output pixel. */
static void pixel(int32_t depth_multiplier, int32_t input_channels, const window_taps *taps,
                  const int8_t *input, const int8_t *filter, const output_stage *stage,
                  int8_t *output) {
  int32_t i = 0, o = 0;
  if (depth_multiplier == 1) {
    for (; i + CHANNELS <= input_channels; i += CHANNELS)
      block(CHANNELS, 0, taps, input + i, filter, stage, i, output);
    o = i;
  }
  for (; i < input_channels; ++i) {
    const int32_t end = o + depth_multiplier;
    for (; o + CHANNELS <= end; o += CHANNELS)
      block(CHANNELS, 1, taps, input + i, filter, stage, o, output);
    for (; o < end; ++o) block(1, 1, taps, input + i, filter, stage, o, output);
  }
}

int32_t nn_depthwise_conv_s8_scratch_size(const nn_dw_conv_params *params, const nn_dims *input_dims,
                                          const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)filter_dims, (void)output_dims;
  return 0;
}

nn_status nn_depthwise_conv_s8(nn_context *ctx, const nn_dw_conv_params *params,
                               const nn_channel_quant *quant, const nn_dims *input_dims,
                               const int8_t *input, const nn_dims *filter_dims,
                               const int8_t *filter, const int32_t *bias,
                               const nn_dims *output_dims, int8_t *output) {
  const int32_t input_row = input_dims->w * input_dims->c;
  const int32_t filter_row = filter_dims->w * output_dims->c;
  if (input_dims->c * params->depth_multiplier != output_dims->c) return NN_UNSUPPORTED;
  NN_RAN(ctx, "depthwise_conv_s8");

  window_taps taps = {
      .input_row = params->dilation.h * input_row,
      .input_column = params->dilation.w * input_dims->c,
      .filter_row = filter_row,
      .filter_column = output_dims->c,
      .input_offset = params->input_offset,
  };
  const output_stage stage = {quant->multiplier, bias, quant->shift, params->output_offset,
                              params->activation};

  for (int32_t n = 0; n < output_dims->n; ++n, input += input_dims->h * input_row) {
    for (int32_t oy = 0; oy < output_dims->h; ++oy) {
      const int32_t y = oy * params->stride.h - params->padding.h;
      const nn_taps ky = nn_clip(y, params->dilation.h, filter_dims->h, input_dims->h);
      const int8_t *const top = input + (y + ky.first * params->dilation.h) * input_row;
      taps.rows = ky.last - ky.first;
      for (int32_t ox = 0; ox < output_dims->w; ++ox, output += output_dims->c) {
        const int32_t x = ox * params->stride.w - params->padding.w;
        const nn_taps kx = nn_clip(x, params->dilation.w, filter_dims->w, input_dims->w);
        taps.columns = kx.last - kx.first;
        pixel(params->depth_multiplier, input_dims->c, &taps,
              top + (x + kx.first * params->dilation.w) * input_dims->c,
              filter + ky.first * filter_row + kx.first * output_dims->c, &stage, output);
      }
    }
  }
  return NN_OK;
}
