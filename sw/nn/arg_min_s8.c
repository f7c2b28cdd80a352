/* ARG_MIN on int8 along any axis: the index of the smallest value, the first one on a tie. Always returns
 * NN_OK. */
#include "arg.h"

nn_status nn_arg_min_s8(nn_context *ctx, const nn_rows *rows, const int8_t *input,
                        int32_t *output) {
  NN_RAN(ctx, "arg_min_s8");
  nn_arg(-1, rows, input, output);
  return NN_OK;
}
