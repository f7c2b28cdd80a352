/* What ADD and SUB share: both inputs on a common scale, 20 bits finer than the coarser input's.
 *
 * nn_add_row          a row of sums, or of differences where `subtract` is the constant 1.
 *
 * The coarser input's multiplier is always exactly 1/2, so that only the other one is multiplied.
 */
#ifndef CFUFORGE_NN_ADD_H
#define CFUFORGE_NN_ADD_H

#include "broadcast.h"
#include "requantise.h"

#define NN_ADD_FRACTION 20
#define NN_ADD_BLOCK 4 /* computed at once */

/* nn_rdbpot without a branch, for |x| < 2^30 and any exponent 0..31. */
typedef struct {
  int32_t multiplier, exponent, half, negative;
} nn_add_scale;

NN_INLINE nn_add_scale nn_add_prepare(nn_quant quant) {
  const nn_add_scale scale = {quant.multiplier, -quant.shift,
                              (int32_t)((uint32_t)1 << -quant.shift >> 1),
                              quant.shift < 0 ? -1 : 0};
  return scale;
}

NN_INLINE int32_t nn_add_multiply(int32_t x, const nn_add_scale *scale) {
  const int32_t product = nn_srdhm(x, scale->multiplier);
  return (product + ((product >> 31) & scale->negative) + scale->half) >> scale->exponent;
}

/* `half`: the multiplier is known to be 1/2. */
NN_INLINE int32_t nn_add_input(int32_t x, int half, const nn_add_scale *scale) {
  if (half) return x * (1 << (NN_ADD_FRACTION - 1));
  return nn_add_multiply(x * (1 << NN_ADD_FRACTION), scale);
}

/* `size` outputs from where `row` stands; a constant. */
NN_INLINE void nn_add_block(int size, const nn_add_params *params, nn_row *row,
                            const nn_add_scale scale[3], int subtract, int half1, int half2) {
  int32_t x[NN_ADD_BLOCK], y[NN_ADD_BLOCK];
  NN_UNROLL for (int i = 0; i < size; ++i) {
    x[i] = *row->input1;
    y[i] = *row->input2;
    row->input1 += row->step1;
    row->input2 += row->step2;
  }
  NN_UNROLL for (int i = 0; i < size; ++i) {
    const int32_t first = nn_add_input(x[i] + params->input1_offset, half1, &scale[0]);
    const int32_t second = nn_add_input(y[i] + params->input2_offset, half2, &scale[1]);
    const int32_t sum = nn_add_multiply(subtract ? first - second : first + second, &scale[2]);
    row->output[i] = (int8_t)nn_clamp(sum + params->output_offset, params->activation);
  }
  row->output += size;
}

NN_INLINE void nn_add_span(const nn_add_params *params, const nn_row *whole, int subtract,
                           int half1, int half2) {
  const nn_add_params local = *params; /* in registers: an output may not change it */
  const nn_add_scale scale[3] = {nn_add_prepare(params->input1), nn_add_prepare(params->input2),
                                 nn_add_prepare(params->output)};
  nn_row row = *whole;
  int32_t left = row.size;
  for (; left >= NN_ADD_BLOCK; left -= NN_ADD_BLOCK)
    nn_add_block(NN_ADD_BLOCK, &local, &row, scale, subtract, half1, half2);
  for (; left > 0; --left) nn_add_block(1, &local, &row, scale, subtract, half1, half2);
}

NN_INLINE int nn_add_is_half(nn_quant quant) {
  return quant.multiplier == 1 << 30 && quant.shift == 0;
}

NN_INLINE void nn_add_row(const nn_add_params *params, const nn_row *row, int subtract) {
  const int half1 = nn_add_is_half(params->input1), half2 = nn_add_is_half(params->input2);
  if (half1 && half2)
    nn_add_span(params, row, subtract, 1, 1);
  else if (half1)
    nn_add_span(params, row, subtract, 1, 0);
  else if (half2)
    nn_add_span(params, row, subtract, 0, 1);
  else
    nn_add_span(params, row, subtract, 0, 0);
}

#endif
