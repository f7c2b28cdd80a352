/* SUB on int8, with broadcasting; the difference is exact to 20 bits below the coarser input's step.
 *
 * Always returns NN_OK.
 */
#include "add.h"

static void compute(const void *params, const nn_row *row) {
  nn_add_row((const nn_add_params *)params, row, 1);
}

nn_status nn_sub_s8(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output) {
  NN_RAN(ctx, "sub_s8");
  nn_for_rows(shape, input1, input2, output, params, compute);
  return NN_OK;
}
