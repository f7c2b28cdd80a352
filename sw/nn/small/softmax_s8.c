/* SOFTMAX in less code: see the plain kernel. */
#include "softmax_rows.h"

nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output) {
  NN_RAN(ctx, "softmax_s8");
  nn_softmax_rows(params, rows, row_size, input, output, 8);
  return NN_OK;
}
