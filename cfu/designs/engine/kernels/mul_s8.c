/* MUL on the engine. */
#include "products.h"

nn_status nn_mul_s8_prepare(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2) {
  NN_RAN(ctx, "mul_s8");
  (void)input1, (void)input2;
  const engine_product product = engine_product_of(params, shape);
  return engine_prepare_product(ctx, &product);
}
