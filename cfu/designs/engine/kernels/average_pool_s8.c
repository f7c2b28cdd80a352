/* AVERAGE_POOL_2D on the engine, unless windows reach over the border, where they have fewer values.
 *
 * The mean of n values is their sum times 1 / n, rounded half away from zero. Every weight is 16. The first of
 * the requantiser's two roundings leaves r binary digits behind the point, 2^r >= 2 n, so that a sum that is no
 * tie stays none; the multiplier is rounded up, so that a tie stays one, or moves away from zero.
 */
#include "pools.h"

enum { WEIGHT_BITS = 4 };

nn_status nn_average_pool_s8_prepare(nn_context *ctx, const nn_pool_params *params,
                                     const nn_dims *input_dims, const nn_dims *output_dims) {
  engine_layer layer = engine_pool(params, input_dims, output_dims);
  const int32_t bottom = (layer.oh - 1) * layer.stride.h + layer.kh - layer.padding.h;
  const int32_t right = (layer.ow - 1) * layer.stride.w + layer.kw - layer.padding.w;
  const int64_t values = (int64_t)layer.kh * layer.kw;
  if (layer.padding.h || layer.padding.w || bottom > layer.h || right > layer.w || values > 1 << 14)
    return NN_OK;
  int32_t digits = WEIGHT_BITS;
  while (values >> (digits - WEIGHT_BITS + 1)) ++digits;
  if ((values & (values - 1)) == 0) --digits; /* the multiplier would be 2^31 */
  const int64_t one = (int64_t)1 << (31 - WEIGHT_BITS + digits);
  layer.weight = 1 << WEIGHT_BITS;
  return engine_prepare_constant(ctx, &layer, 0, (int32_t)((one + values - 1) / values), -digits);
}

nn_status nn_average_pool_s8(nn_context *ctx, const nn_pool_params *params, const nn_dims *input_dims,
                             const int8_t *input, const nn_dims *output_dims, int8_t *output) {
  if (!ctx->persistent)
    return nn_average_pool_s8_reference(ctx, params, input_dims, input, output_dims, output);
  NN_RAN(ctx, "average_pool_s8");
  engine_execute(ctx, input, 0, output);
  return NN_OK;
}
