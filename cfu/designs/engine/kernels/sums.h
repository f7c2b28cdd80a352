/* ADD and SUB: the rescaled values of each input come from a table. */
#ifndef ENGINE_SUMS_H
#define ENGINE_SUMS_H

#include "tables.h"

enum { ENGINE_FINER = 20 }; /* binary digits behind the point of a rescaled value */

static inline void engine_put_rescaled(int32_t *entries, int32_t offset, nn_quant quant, int32_t sign) {
  for (int32_t i = 0; i < ENGINE_ENTRIES; ++i) {
    const int32_t value = (int32_t)((uint32_t)(i - 128 + offset) << ENGINE_FINER);
    entries[i] = sign * nn_multiply(value, quant.multiplier, quant.shift);
  }
}

static inline nn_status engine_prepare_sum(nn_context *ctx, const nn_add_params *params,
                                           const nn_broadcast *shape, int32_t sign) {
  const engine_values values = {.shape = shape, .multiplier = params->output.multiplier,
                                .shift = params->output.shift, .low = params->activation.min,
                                .high = params->activation.max, .offset = params->output_offset};
  int32_t *entries = engine_prepare_values(ctx, &values);
  if (!entries) return NN_OK;
  engine_put_rescaled(entries, params->input1_offset, params->input1, 1);
  engine_put_rescaled(entries + ENGINE_ENTRIES, params->input2_offset, params->input2, sign);
  return NN_OK;
}

#endif
