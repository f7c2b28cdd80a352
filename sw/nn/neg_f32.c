/* NEG of float32: changes every sign, that of 0 and of NaN too. Always returns NN_OK. */
#include "nn.h"

nn_status nn_neg_f32(nn_context *ctx, int32_t size, const float *input, float *output) {
  NN_RAN(ctx, "neg_f32");
  for (int32_t i = 0; i < size; ++i) output[i] = -input[i];
  return NN_OK;
}
