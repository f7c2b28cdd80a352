/* HARD_SWISH on int8: x * min(max(x + 3, 0), 6) / 6, in the same 16-bit steps as TensorFlow Lite Micro, to
 * get the same rounding and saturation. Always returns NN_OK.
 *
 * gate is (x + 3) / 6 limited to 0..1, in Q0.15; value is x on the output's scale, left by the output's
 * exponent.
 */
#include "requantise.h"

#define BITS 7 /* added to the input's precision */

static int32_t saturate(int64_t value) {
  return value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : (int32_t)value;
}

/* a * b / 2^15, rounded half away from zero. */
static int32_t multiply(int32_t a, int32_t b) {
  const int32_t product = a * b;
  return saturate((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* value / 2^exponent, rounded half away from zero; in 16 bits, as TFLM, so wrong from 16 on. */
static int32_t divide(int32_t value, int32_t exponent) {
  const int32_t mask = (int16_t)((1u << exponent) - 1), rest = value & mask;
  return (value >> exponent) + (rest > (mask >> 1) + (value < 0));
}

static int32_t gate(int32_t x, nn_quant quant) {
  const int32_t left = quant.shift > 0 ? quant.shift : 0;
  int32_t value = left ? saturate((int64_t)x * ((int64_t)1 << (left - 1))) : x;
  value = multiply(value, quant.multiplier);
  if (left) value = saturate(2 * value);
  return (divide(value, left - quant.shift) + (1 << 15)) >> 1;
}

nn_status nn_hard_swish_s8(nn_context *ctx, const nn_hard_swish_params *params, int32_t size,
                           const int8_t *input, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  NN_RAN(ctx, "hard_swish_s8");
  for (int32_t i = 0; i < size; ++i) {
    const int32_t x = (input[i] + params->input_offset) * (1 << BITS);
    const int32_t value = multiply(x, params->output.multiplier);
    const int32_t product = gate(x, params->gate) * value / (1 << 15);
    const int32_t y = divide(product, -params->output.shift) + params->output_offset;
    output[i] = (int8_t)nn_clamp(y, int8_range);
  }
  return NN_OK;
}
