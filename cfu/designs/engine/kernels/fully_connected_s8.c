/* FULLY_CONNECTED on the engine: a convolution of 1x1 over a row of one pixel for each batch. */
#include "engine.h"

nn_status nn_fully_connected_s8_prepare(nn_context *ctx, const nn_fc_params *params,
                                        const nn_channel_quant *quant, const nn_dims *input_dims,
                                        const nn_dims *filter_dims, const int8_t *filter,
                                        const int32_t *bias, const nn_dims *output_dims) {
  NN_RAN(ctx, "fully_connected_s8");
  if (!filter || params->filter_offset > 127) return NN_OK;
  engine_layer layer = {
      .images = 1, .h = 1, .w = input_dims->n, .c = filter_dims->c,
      .oh = 1, .ow = input_dims->n, .o = output_dims->c, .kh = 1, .kw = 1, .groups = 1,
      .stride = {1, 1}, .dilation = {1, 1}, .split = params->filter_offset != 0,
      .added = params->filter_offset, .low = params->activation.min,
      .high = params->activation.max, .offset = params->output_offset, .filter = filter};
  engine_set_output(&layer);
  const engine_channels channels = {filter, filter_dims->c, filter_dims->c, 1, bias, quant->multiplier,
                                    quant->shift, params->per_channel, params->input_offset};
  return engine_prepare_filters(ctx, &layer, &channels, 0);
}
