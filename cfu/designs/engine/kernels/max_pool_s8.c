/* MAX_POOL_2D on the engine. */
#include "pools.h"

nn_status nn_max_pool_s8_prepare(nn_context *ctx, const nn_pool_params *params,
                                 const nn_dims *input_dims, const nn_dims *output_dims) {
  NN_RAN(ctx, "max_pool_s8");
  if (CFU_LEAN) return NN_OK;
  engine_part part = {engine_pool(params, input_dims, output_dims), {0}};
  part.layer.maximum = 1;
  part.layer.outside = -128;
  return engine_prepare_constant(ctx, &part, &ENGINE_UNSCALED, 1);
}
