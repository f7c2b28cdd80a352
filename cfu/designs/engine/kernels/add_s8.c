/* ADD on the engine. */
#include "sums.h"

nn_status nn_add_s8_prepare(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2) {
  (void)input1, (void)input2;
  return engine_prepare_sum(ctx, params, shape, 1);
}

nn_status nn_add_s8(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output) {
  if (!ctx->persistent) return nn_add_s8_reference(ctx, params, shape, input1, input2, output);
  NN_RAN(ctx, "add_s8");
  engine_execute(ctx, input1, input2, output);
  return NN_OK;
}
