/* CONV_2D on the engine. */
#include "cfu.h"
#include "engine.h"

void nn_hand_over(void) { nn_flush_data_cache(); }

void engine_compute(const void *persistent, const void *input1, const void *input2, void *output) {
  const engine_head *head = (const engine_head *)persistent;
  cfu_base(0, nn_address(output));
  cfu_base(1, nn_address(input1));
  cfu_base(2, nn_address(input2));
  cfu_start(nn_address(head) + head->program, head->beats);
  cfu_wait();
}

nn_status nn_conv_s8_prepare(nn_context *ctx, const nn_conv_params *params,
                             const nn_channel_quant *quant, const nn_dims *input_dims,
                             const nn_dims *filter_dims, const int8_t *filter, const int32_t *bias,
                             const nn_dims *output_dims) {
  NN_RAN(ctx, "conv_s8");
  if (!filter) return NN_OK;
  engine_layer layer = {
      .images = input_dims->n, .h = input_dims->h, .w = input_dims->w, .c = input_dims->c,
      .oh = output_dims->h, .ow = output_dims->w, .o = output_dims->c,
      .kh = filter_dims->h, .kw = filter_dims->w, .groups = input_dims->c / filter_dims->c,
      .stride = params->stride, .padding = params->padding, .dilation = params->dilation,
      .outside = -params->input_offset, .low = params->activation.min, .high = params->activation.max,
      .offset = params->output_offset, .filter = filter};
  engine_set_output(&layer);
  const int32_t terms = filter_dims->h * filter_dims->w * filter_dims->c;
  const engine_channels channels = {filter, terms, terms, 1, bias, quant->multiplier, quant->shift, 1,
                                    params->input_offset};
  return engine_prepare_filters(ctx, &layer, &channels, 0);
}
