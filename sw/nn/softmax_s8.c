/* SOFTMAX on int8, over rows of any size; output scale 1/256, zero point -128.
 *
 * Always returns NN_OK. TFLM aborts when the sum is 512 or more (a long row of nearly equal values):
 * every output is then at most half of 1/256: -128.
 */
#include "softmax.h"

nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output) {
  exponentials known;
  softmax_begin(&known);
  NN_RAN(ctx, "softmax_s8");
  for (int32_t row = 0; row < rows; ++row, input += row_size, output += row_size)
    softmax_row(&known, params, row_size, input, output, 8);
  return NN_OK;
}
