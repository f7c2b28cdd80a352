/* ADD on the engine. */
#include "sums.h"

nn_status nn_add_s8_prepare(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2) {
  NN_RAN(ctx, "add_s8");
  (void)input1, (void)input2;
  return engine_prepare_sum(ctx, params, shape, 1);
}
