/* Shared by ADD and SUB: both inputs on a common scale, 20 bits finer than the coarser input's.
 *
 * nn_add_row          a row of sums, or of differences where `subtract` is the constant 1.
 *
 * The coarser input's multiplier is always exactly 1/2: only the finer one is rescaled.
 */
#ifndef CFUFORGE_NN_ADD_H
#define CFUFORGE_NN_ADD_H

#include "broadcast.h"
#include "requantise.h"
#include "rescale.h"

#define NN_ADD_FRACTION 20
#define NN_ADD_UNIT (1 << (NN_ADD_FRACTION - 1)) /* half of the coarser input's step */

typedef struct {
  int32_t unit; /* of the coarser input; negative if that is subtracted */
  int32_t coarse_offset, fine_offset, fine_shift;
  nn_factor fine, output;
  nn_activation activation;
} nn_add_constants;

NN_INLINE void nn_add_block(int size, const nn_add_constants *c, const int8_t *coarse,
                            const int8_t *fine, int8_t *output, int subtract) {
  int32_t x[NN_BLOCK], y[NN_BLOCK];
  NN_UNROLL for (int i = 0; i < size; ++i) x[i] = coarse[i];
  NN_UNROLL for (int i = 0; i < size; ++i) y[i] = fine[i];
  NN_UNROLL for (int i = 0; i < size; ++i)
    y[i] = (int32_t)((uint32_t)(y[i] + c->fine_offset) << c->fine_shift);
  nn_rescale(size, y, &c->fine);
  NN_UNROLL for (int i = 0; i < size; ++i) {
    x[i] = x[i] * c->unit + c->coarse_offset;
    x[i] = 2 * (subtract ? x[i] - y[i] : x[i] + y[i]);
  }
  nn_rescale(size, x, &c->output);
  nn_limit(size, x, c->activation, output);
}

NN_INLINE void nn_add_sums(int size, const void *constants, const int8_t *coarse,
                           const int8_t *fine, int8_t *output) {
  nn_add_block(size, (const nn_add_constants *)constants, coarse, fine, output, 0);
}

NN_INLINE void nn_add_differences(int size, const void *constants, const int8_t *coarse,
                                  const int8_t *fine, int8_t *output) {
  nn_add_block(size, (const nn_add_constants *)constants, coarse, fine, output, 1);
}

/* For any factors; `sign` applies to the second input. */
NN_INLINE void nn_add_any(int size, const nn_add_params *p, const int8_t *x, const int8_t *y,
                          int8_t *output, int sign) {
  for (int i = 0; i < size; ++i) {
    const int32_t a = (x[i] + p->input1_offset) * (1 << NN_ADD_FRACTION);
    const int32_t b = (y[i] + p->input2_offset) * (1 << NN_ADD_FRACTION);
    const int32_t sum = nn_multiply(a, p->input1.multiplier, p->input1.shift) +
                        nn_multiply(b, p->input2.multiplier, p->input2.shift) * sign;
    output[i] = nn_requantise(sum, p->output.multiplier, p->output.shift, p->output_offset,
                              p->activation);
  }
}

NN_INLINE void nn_add_any_sums(int size, const void *params, const int8_t *x, const int8_t *y,
                               int8_t *output) {
  nn_add_any(size, (const nn_add_params *)params, x, y, output, 1);
}

NN_INLINE void nn_add_any_differences(int size, const void *params, const int8_t *x,
                                      const int8_t *y, int8_t *output) {
  nn_add_any(size, (const nn_add_params *)params, x, y, output, -1);
}

NN_INLINE int nn_add_is_half(nn_quant quant) {
  return quant.multiplier == 1 << 30 && quant.shift == 0;
}

NN_INLINE void nn_add_row(const nn_add_params *params, const nn_row *row, int subtract) {
  const nn_activation activation = params->activation;
  const int first = nn_add_is_half(params->input1); /* whether it is the coarser one */
  const nn_quant fine = first ? params->input2 : params->input1;
  const int even = nn_add_is_half(fine); /* then twice the value is halved: no rounding */
  const int32_t fine_right = even - fine.shift;
  if (!(first || nn_add_is_half(params->input2)) || fine_right < 1 ||
      !nn_can_rescale(params->output)) {
    nn_for_blocks(row, subtract ? nn_add_any_differences : nn_add_any_sums, params);
    return;
  }
  const int32_t unit = subtract && !first ? -NN_ADD_UNIT : NN_ADD_UNIT;
  const nn_add_constants constants = {
      unit,
      unit * (first ? params->input1_offset : params->input2_offset),
      first ? params->input2_offset : params->input1_offset,
      NN_ADD_FRACTION + 1 + even,
      nn_rescale_by(fine.multiplier, fine_right, 0),
      nn_rescale_by(params->output.multiplier, -params->output.shift,
                    params->output_offset - activation.min),
      activation};
  const nn_row swapped = {row->input2, row->input1, row->step2, row->step1, row->size, row->output};
  if (subtract && first)
    nn_for_blocks(row, nn_add_differences, &constants);
  else
    nn_for_blocks(first ? row : &swapped, nn_add_sums, &constants);
}

#endif
