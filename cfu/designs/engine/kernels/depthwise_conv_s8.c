/* DEPTHWISE_CONV_2D on the engine; with a depth multiplier, as a convolution in groups of one channel. */
#include "engine.h"

nn_status nn_depthwise_conv_s8_prepare(nn_context *ctx, const nn_dw_conv_params *params,
                                       const nn_channel_quant *quant, const nn_dims *input_dims,
                                       const nn_dims *filter_dims, const int8_t *filter,
                                       const int32_t *bias, const nn_dims *output_dims) {
  NN_RAN(ctx, "depthwise_conv_s8");
  if (!filter) return NN_OK;
  const int several = params->depth_multiplier > 1;
  engine_layer layer = {
      .images = input_dims->n, .h = input_dims->h, .w = input_dims->w, .c = input_dims->c,
      .oh = output_dims->h, .ow = output_dims->w, .o = output_dims->c,
      .kh = filter_dims->h, .kw = filter_dims->w,
      .stride = params->stride, .padding = params->padding, .dilation = params->dilation,
      .groups = several ? input_dims->c : 1, .channelwise = !several, .outside = -params->input_offset, .low = params->activation.min,
      .high = params->activation.max, .offset = params->output_offset, .filter = filter};
  engine_set_output(&layer);
  const engine_channels channels = {filter, filter_dims->h * filter_dims->w, 1, output_dims->c, bias,
                                    quant->multiplier, quant->shift, 1, params->input_offset};
  return engine_prepare_filters(ctx, &layer, &channels, several);
}
