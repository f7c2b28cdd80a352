/* DEPTHWISE_CONV_2D on int8 as in ../depthwise_conv_s8.c, in a third of its code. */
#include "blocking.h"
#include "channels.h"
#include "windows.h"

#define CHANNELS 4

typedef struct {
  nn_output_stage stage;
  const int8_t *filter;
  int32_t input_row, input_column, filter_row, channels, depth_multiplier, input_offset;
} depthwise;

/* The products of `lanes` (1 or 4) channels at one tap. */
NN_INLINE void multiply_add(int lanes, const int8_t *x, const int8_t *w, int32_t input_offset,
                            int32_t acc[CHANNELS]) {
  int32_t value[CHANNELS], weight[CHANNELS];
  NN_UNROLL for (int c = 0; c < lanes; ++c) value[c] = x[c];
  NN_UNROLL for (int c = 0; c < lanes; ++c) weight[c] = w[c];
  NN_UNROLL for (int c = 0; c < lanes; ++c) acc[c] += (value[c] + input_offset) * weight[c];
  NN_UNROLL for (int c = 0; c < lanes; ++c) NN_HOLD(acc[c]);
}

static nn_status pixel(const void *kernel, const nn_clipped *window, int8_t *output) {
  const depthwise *const layer = kernel;
  const int32_t channels = layer->channels, input_offset = layer->input_offset;
  const int32_t rows = window->h.last - window->h.first;
  const int32_t span = (window->w.last - window->w.first) * channels;
  const int8_t *const filter = layer->filter + window->h.first * layer->filter_row +
                               window->w.first * channels;
  for (int32_t o = 0, lanes; o < channels; o += lanes) {
    const int together = layer->depth_multiplier == 1 && o + CHANNELS <= channels;
    const int8_t *input = window->input + (together ? o : o / layer->depth_multiplier);
    int32_t acc[CHANNELS] = {0}, sum[CHANNELS];
    lanes = together ? CHANNELS : 1;
    for (int32_t row = 0; row < rows; ++row, input += layer->input_row) {
      const int8_t *x = input, *w = filter + row * layer->filter_row + o;
      const int8_t *const end = w + span;
      for (; w != end; x += layer->input_column, w += channels) {
        if (together)
          multiply_add(CHANNELS, x, w, input_offset, acc);
        else
          multiply_add(1, x, w, input_offset, acc);
      }
    }
    NN_UNROLL for (int c = 0; c < CHANNELS; ++c) sum[c] = acc[c];
    for (int c = 0; c < lanes; ++c) nn_store_channel(&layer->stage, sum[c], o + c, output);
  }
  return NN_OK;
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
  if (input_dims->c * params->depth_multiplier != output_dims->c) return NN_UNSUPPORTED;
  NN_RAN(ctx, "depthwise_conv_s8");
  const depthwise layer = {
      .stage = {quant->multiplier, bias, quant->shift, 0, params->output_offset,
                params->activation},
      .filter = filter,
      .input_row = params->dilation.h * input_dims->w * input_dims->c,
      .input_column = params->dilation.w * input_dims->c,
      .filter_row = filter_dims->w * output_dims->c,
      .channels = output_dims->c,
      .depth_multiplier = params->depth_multiplier,
      .input_offset = params->input_offset,
  };
  const nn_windows windows = {input_dims,     output_dims,     filter_dims->h,  filter_dims->w,
                              params->stride, params->padding, params->dilation};
  return nn_each_window(&windows, input, output, pixel, &layer);
}
