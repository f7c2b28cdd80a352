/* FULLY_CONNECTED on int8 as in ../fully_connected_s8.c, in a quarter of its code. */
#include "channels.h"

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
  const nn_output_stage stage = {quant->multiplier,    bias,
                                 quant->shift,         !params->per_channel,
                                 params->output_offset, params->activation};
  nn_runs runs = {.rows = 1,
                  .columns = 1,
                  .run = depth,
                  .filter_channel = depth,
                  .input_offset = params->input_offset};
  NN_RAN(ctx, "fully_connected_s8");
  for (int32_t n = 0; n < input_dims->n; ++n, input += depth, output += channels) {
    int32_t sum = depth * params->input_offset;
    for (int32_t i = 0; i < depth; ++i) sum += input[i];
    runs.start = sum * params->filter_offset;
    nn_channel_sums(&runs, &stage, input, filter, 0, channels, output);
  }
  return NN_OK;
}
