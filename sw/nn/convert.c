/* QUANTIZE between integer types: converts integers to another type and quantisation.
 *
 * Always returns NN_OK.
 */
#include "number.h"
#include "requantise.h"

/* Indexed by nn_type. */
static const nn_activation ranges[] = {
    {INT8_MIN, INT8_MAX}, {0, UINT8_MAX}, {INT16_MIN, INT16_MAX}, {INT32_MIN, INT32_MAX}};

nn_status nn_convert(nn_context *ctx, const nn_convert_params *params, int32_t size,
                     const void *input, void *output) {
  const nn_activation range = ranges[params->to];
  const nn_quant quant = params->quant;
  NN_RAN(ctx, "convert");
  for (int32_t i = 0; i < size; ++i) {
    const uint32_t x = (uint32_t)nn_get(params->from, input, i) + (uint32_t)params->input_offset;
    const int32_t y = nn_multiply((int32_t)x, quant.multiplier, quant.shift);
    const uint32_t sum = (uint32_t)y + (uint32_t)params->output_offset; /* wraps as TFLM's does */
    nn_put(params->to, output, i, nn_clamp((int32_t)sum, range));
  }
  return NN_OK;
}
