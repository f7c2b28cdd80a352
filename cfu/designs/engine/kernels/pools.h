/* Pools as layers whose weights are all the same. */
#ifndef ENGINE_POOLS_H
#define ENGINE_POOLS_H

#include "engine.h"

static inline engine_layer engine_pool(const nn_pool_params *params, const nn_dims *input_dims,
                                       const nn_dims *output_dims) {
  const engine_layer layer = {
      .images = input_dims->n, .h = input_dims->h, .w = input_dims->w, .c = input_dims->c,
      .oh = output_dims->h, .ow = output_dims->w, .o = output_dims->c,
      .kh = params->filter.h, .kw = params->filter.w,
      .stride = params->stride, .padding = params->padding, .dilation = {1, 1},
      .groups = 1, .channelwise = 1, .constant = 1, .weight = 1,
      .low = params->activation.min, .high = params->activation.max};
  return layer;
}

/* The multiplier and shift that change nothing. */
#define ENGINE_ONE (1 << 30)
#define ENGINE_ONE_SHIFT 1

#endif
