/* SOFTMAX from int8 to int16, over rows of any size; output scale 1/65536, zero point -32768.
 *
 * Always returns NN_OK.
 */
#include "softmax.h"

nn_status nn_softmax_s8_s16(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                            int32_t row_size, const int8_t *input, int16_t *output) {
  exponentials known;
  softmax_begin(&known);
  NN_RAN(ctx, "softmax_s8_s16");
  for (int32_t row = 0; row < rows; ++row, input += row_size, output += row_size)
    softmax_row(&known, params, row_size, input, output, 16);
  return NN_OK;
}
