/* MUL on int8, with broadcasting.
 *
 * Always returns NN_OK.
 */
#include "broadcast.h"
#include "requantise.h"

static void compute(const void *mul_params, const nn_row *row) {
  const nn_mul_params params = *(const nn_mul_params *)mul_params;
  const int8_t *a = row->input1, *b = row->input2;
  for (int32_t i = 0; i < row->size; ++i, a += row->step1, b += row->step2) {
    const int32_t product = (*a + params.input1_offset) * (*b + params.input2_offset);
    row->output[i] = nn_requantise(product, params.output.multiplier, params.output.shift,
                                   params.output_offset, params.activation);
  }
}

nn_status nn_mul_s8(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output) {
  NN_RAN(ctx, "mul_s8");
  nn_for_rows(shape, input1, input2, output, params, compute);
  return NN_OK;
}
