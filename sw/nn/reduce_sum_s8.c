/* SUM and MEAN on int8 over any axes: the sum, requantised; see nn_reduce_sum_params for a mean.
 *
 * The input offset is added once, multiplied by the number of values; the sum may wrap, as TFLM's does.
 * Always returns NN_OK.
 */
#include "reduce.h"
#include "requantise.h"

static inline int8_t requantise(const void *sum_params, int32_t sum) {
  const nn_reduce_sum_params *params = sum_params;
  const nn_activation int8_range = {-128, 127};
  return nn_requantise(nn_wrap(sum, params->input_offset),
                       params->quant.multiplier, params->quant.shift, params->output_offset,
                       int8_range);
}

nn_status nn_reduce_sum_s8(nn_context *ctx, const nn_reduce_sum_params *params,
                           const nn_reduction *reduction, const int8_t *input, int8_t *output) {
  NN_RAN(ctx, "reduce_sum_s8");
  nn_reduce(reduction, nn_wrap, 0, requantise, params, input, output);
  return NN_OK;
}
