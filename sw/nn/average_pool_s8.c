/* AVERAGE_POOL_2D on int8: any filter, stride and padding.
 *
 * The mean of the values inside the input, rounded half away from zero, clamped; no rescaling.
 * Returns NN_OK, or NN_UNSUPPORTED when a window lies wholly outside the input.
 */
#include "pool.h"

static inline int32_t add(int32_t so_far, int32_t value) { return so_far + value; }

static inline int32_t mean(int32_t sum, const nn_pool_window *window) {
  const uint32_t inverse = window->inverse, count = (uint32_t)window->count;
  const uint32_t sign = (uint32_t)(sum >> 31), size = (((uint32_t)sum ^ sign) - sign) + count / 2;
  const uint32_t whole = inverse ? (uint32_t)((uint64_t)size * inverse >> 32) : size / count;
  return (int32_t)((whole ^ sign) - sign);
}

nn_status nn_average_pool_s8(nn_context *ctx, const nn_pool_params *params,
                             const nn_dims *input_dims, const int8_t *input,
                             const nn_dims *output_dims, int8_t *output) {
  NN_RAN(ctx, "average_pool_s8");
  return nn_pool(16, params, add, 0, mean, input_dims, input, output_dims, output);
}
