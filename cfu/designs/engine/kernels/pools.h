/* Pools as layers whose weights are all the same. */
#ifndef ENGINE_POOLS_H
#define ENGINE_POOLS_H

#include "engine.h"

static inline engine_layer engine_pool(const nn_pool_params *params, const nn_dims *input_dims,
                                       const nn_dims *output_dims) {
  engine_layer layer = {
      .images = input_dims->n, .h = input_dims->h, .w = input_dims->w, .c = input_dims->c,
      .oh = output_dims->h, .ow = output_dims->w, .o = output_dims->c,
      .kh = params->filter.h, .kw = params->filter.w,
      .stride = params->stride, .padding = params->padding, .dilation = {1, 1},
      .groups = 1, .channelwise = 1, .constant = 1, .weight = 2 - ENGINE_DOUBLES,
      .low = params->activation.min, .high = params->activation.max};
  engine_set_output(&layer);
  return layer;
}

/* The scale that changes nothing. */
static const engine_channel ENGINE_UNSCALED = {0, 1 << 30, ENGINE_DOUBLES};

/* Prepare parts whose channels all have the part's scale, if the engine can compute them. */
static inline nn_status engine_prepare_constant(nn_context *ctx, engine_part *parts, const engine_channel *scales,
                                                int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    if (!engine_make_plan(&parts[i].layer, &parts[i].plan)) return NN_OK;
  }
  uint32_t *record = engine_prepare_parts(ctx, parts, count, 0);
  for (int32_t i = 0; record && i < count; ++i) {
    for (int32_t o = 0; o < parts[i].layer.o; ++o, record += 2)
      engine_put_record(record, scales[i].bias, scales[i].multiplier, scales[i].shift);
  }
  return NN_OK;
}

#endif
