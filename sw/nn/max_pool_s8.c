/* MAX_POOL_2D on int8: any filter, stride and padding.
 *
 * The largest of the values inside the input, clamped; no rescaling.
 * Returns NN_OK, or NN_UNSUPPORTED when a window lies wholly outside the input.
 */
#include "pool.h"

static inline int32_t larger(int32_t so_far, int32_t value) {
  return value > so_far ? value : so_far;
}

static inline int32_t unchanged(int32_t largest, const nn_pool_window *window) {
  (void)window;
  return largest;
}

nn_status nn_max_pool_s8(nn_context *ctx, const nn_pool_params *params, const nn_dims *input_dims,
                         const int8_t *input, const nn_dims *output_dims, int8_t *output) {
  NN_RAN(ctx, "max_pool_s8");
  return nn_pool(8, params, larger, -128, unchanged, input_dims, input, output_dims, output);
}
