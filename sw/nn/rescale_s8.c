/* Rescales int8 values by one factor, or by two for negative and other values: RELU, RELU6, LEAKY_RELU,
 * ABS.
 *
 * Always returns NN_OK.
 */
#include "requantise.h"

nn_status nn_rescale_s8(nn_context *ctx, const nn_rescale_params *params, int32_t size,
                        const int8_t *input, int8_t *output) {
  NN_RAN(ctx, "rescale_s8");
  for (int32_t i = 0; i < size; ++i) {
    const int32_t x = input[i] + params->input_offset;
    const nn_quant quant = x < 0 ? params->negative : params->positive;
    const int32_t value = params->absolute && x < 0 ? -x : x;
    output[i] = nn_requantise(value, quant.multiplier, quant.shift, params->output_offset,
                              params->activation);
  }
  return NN_OK;
}
