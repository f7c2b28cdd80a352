/* SUM and MEAN over rows and columns on the engine: a pool of the whole input. */
#include "pools.h"

nn_status nn_reduce_sum_s8_prepare(nn_context *ctx, const nn_reduce_sum_params *params,
                                   const nn_reduction *reduction) {
  NN_RAN(ctx, "reduce_sum_s8");
  enum { LAST = NN_REDUCTION_AXES - 1 };
  const nn_reduction_axis channels = reduction->kept[LAST], images = reduction->kept[LAST - 1];
  const nn_reduction_axis inner = reduction->reduced[LAST], outer = reduction->reduced[LAST - 1];
  const int32_t values = inner.size * outer.size;
  int32_t others = 1;
  for (int i = 0; i < LAST - 1; ++i) others *= reduction->kept[i].size * reduction->reduced[i].size;
  if (others != 1 || channels.stride != 1 || inner.stride != channels.size) return NN_OK;
  if (outer.size > 1 && outer.stride != inner.size * inner.stride) return NN_OK;
  if (images.size > 1 && images.stride != values * channels.size) return NN_OK;
  if (values > 1 << 14 || !ENGINE_SHIFTS(params->quant.shift)) return NN_OK;
  engine_part part = {{.images = images.size, .h = values, .w = 1, .c = channels.size,
                       .oh = 1, .ow = 1, .o = channels.size, .kh = values, .kw = 1,
                       .stride = {1, 1}, .dilation = {1, 1}, .groups = 1, .channelwise = 1,
                       .constant = 1, .weight = 1, .low = -128, .high = 127,
                       .offset = params->output_offset},
                      {0}};
  engine_set_output(&part.layer);
  const engine_channel scale = {params->input_offset, params->quant.multiplier, params->quant.shift};
  return engine_prepare_constant(ctx, &part, &scale, 1);
}
