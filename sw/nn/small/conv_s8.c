/* CONV_2D on int8 as in ../conv_s8.c, in a third of the code: one output pixel at a time. */
#include "channels.h"
#include "windows.h"

typedef struct {
  nn_runs runs;
  nn_output_stage stage;
  const int8_t *filter;
  int32_t depth, channels, group_channels;
  int whole_rows; /* a run spans the columns */
} conv;

static nn_status pixel(const void *kernel, const nn_clipped *window, int8_t *output) {
  const conv *const layer = kernel;
  const int8_t *input = window->input;
  const int8_t *const filter = layer->filter + window->h.first * layer->runs.filter_row +
                               window->w.first * layer->depth;
  nn_runs runs = layer->runs;
  runs.rows = window->h.last - window->h.first;
  runs.columns = window->w.last - window->w.first;
  runs.run = layer->depth;
  if (layer->whole_rows) {
    runs.run *= runs.columns;
    runs.columns = 1;
  }
  for (int32_t o = 0; o < layer->channels; o += layer->group_channels, input += layer->depth)
    nn_channel_sums(&runs, &layer->stage, input, filter, o, o + layer->group_channels, output);
  return NN_OK;
}

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
  (void)params, (void)input_dims, (void)filter_dims, (void)output_dims;
  return 0;
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  const int32_t depth = filter_dims->c, filter_row = filter_dims->w * depth;
  if (depth < 1 || input_dims->c % depth != 0) return NN_UNSUPPORTED;
  const int32_t groups = input_dims->c / depth;
  if (output_dims->c % groups != 0) return NN_UNSUPPORTED;
  NN_RAN(ctx, "conv_s8");
  const conv layer = {
      .runs = {.input_row = params->dilation.h * input_dims->w * input_dims->c,
               .input_column = params->dilation.w * input_dims->c,
               .filter_row = filter_row,
               .filter_column = depth,
               .filter_channel = filter_dims->h * filter_row,
               .input_offset = params->input_offset},
      .stage = {quant->multiplier, bias, quant->shift, 0, params->output_offset,
                params->activation},
      .filter = filter,
      .depth = depth,
      .channels = output_dims->c,
      .group_channels = output_dims->c / groups,
      .whole_rows = params->dilation.w == 1 && groups == 1,
  };
  const nn_windows windows = {input_dims,     output_dims,     filter_dims->h,  filter_dims->w,
                              params->stride, params->padding, params->dilation};
  return nn_each_window(&windows, input, output, pixel, &layer);
}
