/* MAXIMUM on int8, with broadcasting: the larger integer, whatever it means.
 *
 * Always returns NN_OK.
 */
#include "broadcast.h"

static void compute(const void *params, const nn_row *row) {
  const int8_t *a = row->input1, *b = row->input2;
  (void)params;
  for (int32_t i = 0; i < row->size; ++i, a += row->step1, b += row->step2) {
    const int8_t first = *a, second = *b;
    row->output[i] = first > second ? first : second;
  }
}

nn_status nn_maximum_s8(nn_context *ctx, const nn_broadcast *shape, const int8_t *input1,
                        const int8_t *input2, int8_t *output) {
  NN_RAN(ctx, "maximum_s8");
  nn_for_rows(shape, input1, input2, output, 0, compute);
  return NN_OK;
}
