/* The tables of the operators that rescale an int8 value, by one factor or by two: QUANTIZE, RELU,
 * RELU6, LEAKY_RELU, ABS.
 */
#include "requantise.h"

void nn_rescale_s8_table(const nn_rescale_params *params, int8_t *table) {
  for (int32_t i = 0; i < 256; ++i) {
    const int32_t x = i - 128 + params->input_offset;
    const nn_quant quant = x < 0 ? params->negative : params->positive;
    const int32_t value = params->absolute && x < 0 ? -x : x;
    table[i] = nn_requantise(value, quant.multiplier, quant.shift, params->output_offset,
                             params->activation);
  }
}
