/* DEQUANTIZE from an integer type to float32. Always returns NN_OK. */
#include "number.h"

nn_status nn_dequantize(nn_context *ctx, nn_type type, float scale, int32_t zero_point,
                        int32_t size, const void *input, float *output) {
  NN_RAN(ctx, "dequantize");
  for (int32_t i = 0; i < size; ++i)
    output[i] = scale * (float)(nn_get(type, input, i) - zero_point);
  return NN_OK;
}
