/* MAXIMUM on int8, with broadcasting: the larger integer, whatever the quantisation.
 *
 * Always returns NN_OK.
 */
#include "broadcast.h"

NN_INLINE int8_t larger(int8_t a, int8_t b) { return a > b ? a : b; }

static void compute(const void *params, const nn_row *row) {
  (void)params;
  nn_for_pairs(row, larger);
}

nn_status nn_maximum_s8(nn_context *ctx, const nn_broadcast *shape, const int8_t *input1,
                        const int8_t *input2, int8_t *output) {
  NN_RAN(ctx, "maximum_s8");
  nn_for_rows(shape, input1, input2, output, 0, compute);
  return NN_OK;
}
