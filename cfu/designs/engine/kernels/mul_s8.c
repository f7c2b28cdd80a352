/* MUL on the engine. */
#include "products.h"

nn_status nn_mul_s8_prepare(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2) {
  (void)input1, (void)input2;
  const engine_product product = engine_product_of(params, shape);
  return engine_prepare_product(ctx, &product);
}

nn_status nn_mul_s8(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output) {
  if (!ctx->persistent) return nn_mul_s8_reference(ctx, params, shape, input1, input2, output);
  NN_RAN(ctx, "mul_s8");
  engine_execute(ctx, input1, input2, output);
  return NN_OK;
}
