/* PRELU on int8, with broadcasting: a negative input is multiplied by a slope of its own.
 *
 * Always returns NN_OK.
 */
#include "broadcast.h"
#include "requantise.h"

static void compute(const void *prelu_params, const nn_row *row) {
  const nn_activation int8_range = {-128, 127};
  const nn_prelu_params params = *(const nn_prelu_params *)prelu_params;
  const int8_t *a = row->input1, *b = row->input2;
  for (int32_t i = 0; i < row->size; ++i, a += row->step1, b += row->step2) {
    const int32_t x = *a + params.input_offset;
    const nn_quant quant = x < 0 ? params.negative : params.positive;
    const int32_t value = x < 0 ? x * (*b + params.slope_offset) : x;
    row->output[i] = nn_requantise(value, quant.multiplier, quant.shift, params.output_offset,
                                   int8_range);
  }
}

nn_status nn_prelu_s8(nn_context *ctx, const nn_prelu_params *params, const nn_broadcast *shape,
                      const int8_t *input, const int8_t *slope, int8_t *output) {
  NN_RAN(ctx, "prelu_s8");
  nn_for_rows(shape, input, slope, output, params, compute);
  return NN_OK;
}
