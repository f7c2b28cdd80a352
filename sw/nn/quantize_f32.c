/* QUANTIZE from float32 to int8.
 *
 * Rounds value / scale half away from zero; what is out of range becomes the nearest int8, and what is
 * no number -128. Always returns NN_OK.
 */
#include "requantise.h"

#define LIMIT 1024 /* far outside of int8 whatever the zero point */

static int32_t rounded(float value) {
  if (!(value > (float)-LIMIT)) return -LIMIT;
  if (value > (float)LIMIT) return LIMIT;
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole; /* exact */
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

nn_status nn_quantize_f32(nn_context *ctx, float scale, int32_t zero_point, int32_t size,
                          const float *input, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  NN_RAN(ctx, "quantize_f32");
  for (int32_t i = 0; i < size; ++i)
    output[i] = (int8_t)nn_clamp(rounded(input[i] / scale) + zero_point, int8_range);
  return NN_OK;
}
