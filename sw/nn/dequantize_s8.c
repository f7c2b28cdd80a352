/* DEQUANTIZE from int8 to float32. Always returns NN_OK. */
#include "nn.h"

nn_status nn_dequantize_s8(nn_context *ctx, float scale, int32_t zero_point, int32_t size,
                           const int8_t *input, float *output) {
  NN_RAN(ctx, "dequantize_s8");
  for (int32_t i = 0; i < size; ++i) output[i] = scale * (float)(input[i] - zero_point);
  return NN_OK;
}
