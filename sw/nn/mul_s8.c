/* MUL on int8, with broadcasting.
 *
 * Always returns NN_OK.
 */
#include "broadcast.h"
#include "requantise.h"
#include "rescale.h"

typedef struct {
  int32_t offset1, offset2;
  nn_factor factor;
  nn_activation activation;
} constants;

NN_INLINE void products(int size, const void *mul_constants, const int8_t *x, const int8_t *y,
                        int8_t *output) {
  const constants *c = (const constants *)mul_constants;
  int32_t a[NN_BLOCK], b[NN_BLOCK];
  NN_UNROLL for (int i = 0; i < size; ++i) a[i] = x[i];
  NN_UNROLL for (int i = 0; i < size; ++i) b[i] = y[i];
  NN_UNROLL for (int i = 0; i < size; ++i)
    a[i] = 2 * (a[i] + c->offset1) * (b[i] + c->offset2);
  nn_rescale(size, a, &c->factor);
  nn_limit(size, a, c->activation, output);
}

/* The same for any factor. */
NN_INLINE void any_products(int size, const void *params, const int8_t *x, const int8_t *y,
                            int8_t *output) {
  const nn_mul_params *p = (const nn_mul_params *)params;
  for (int i = 0; i < size; ++i) {
    const int32_t product = (x[i] + p->input1_offset) * (y[i] + p->input2_offset);
    output[i] = nn_requantise(product, p->output.multiplier, p->output.shift, p->output_offset,
                              p->activation);
  }
}

static void compute(const void *mul_params, const nn_row *row) {
  const nn_mul_params *p = (const nn_mul_params *)mul_params;
  if (!nn_can_rescale(p->output)) {
    nn_for_blocks(row, any_products, p);
    return;
  }
  const constants c = {p->input1_offset, p->input2_offset,
                       nn_rescale_by(p->output.multiplier, -p->output.shift,
                                     p->output_offset - p->activation.min),
                       p->activation};
  nn_for_blocks(row, products, &c);
}

nn_status nn_mul_s8(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output) {
  NN_RAN(ctx, "mul_s8");
  nn_for_rows(shape, input1, input2, output, params, compute);
  return NN_OK;
}
