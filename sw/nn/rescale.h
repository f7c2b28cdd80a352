/* Rescales a block of values by a common factor, in few instructions, none of which waits for the one
 * before it.
 *
 * nn_can_rescale      whether these functions support a factor; otherwise use nn_multiply.
 * nn_rescale_by       the constants for a factor, and an offset to be added.
 * nn_rescale          x * factor, rounded twice as nn_multiply does, + offset. Takes 2 * x; |x| < 2^29.
 * nn_limit            the values, to which -min has been added, clamped to 0..span, + min, as int8:
 *                     cheap if they are inside.
 */
#ifndef CFUFORGE_NN_RESCALE_H
#define CFUFORGE_NN_RESCALE_H

#include "blocking.h"
#include "nn.h"

#define NN_BLOCK 4       /* values at once */
#define NN_MOST_RIGHT 21 /* so that an offset of -255..255 can be added before the shift */

typedef struct {
  int32_t multiplier, right, bias;
} nn_factor;

NN_INLINE int nn_can_rescale(nn_quant quant) {
  return quant.shift < 0 && quant.shift >= -NN_MOST_RIGHT;
}

NN_INLINE nn_factor nn_rescale_by(int32_t multiplier, int32_t right, int32_t offset) {
  const uint32_t bias = (1u << (right - 1)) + ((uint32_t)offset << right);
  const nn_factor factor = {multiplier, right, (int32_t)bias};
  return factor;
}

/* The upper word of twice the product is the product plus a bit to round by. The division then rounds half
 * away from zero: adds a half, and subtracts 1 from a negative number. */
NN_INLINE void nn_rescale(int size, int32_t *x, const nn_factor *factor) {
  int32_t low[NN_BLOCK];
  NN_UNROLL for (int i = 0; i < size; ++i) {
    const int64_t twice = (int64_t)x[i] * factor->multiplier;
    low[i] = (int32_t)twice;
    x[i] = (int32_t)(twice >> 32);
    NN_HOLD(low[i]);
    NN_HOLD(x[i]);
  }
  NN_UNROLL for (int i = 0; i < size; ++i) {
    const int32_t product = x[i] + (int32_t)((uint32_t)low[i] >> 31);
    x[i] = (product + (product >> 31) + factor->bias) >> factor->right;
    NN_HOLD(x[i]);
  }
}

NN_INLINE void nn_limit(int size, const int32_t *x, nn_activation range, int8_t *output) {
  const uint32_t span = (uint32_t)(range.max - range.min);
  NN_UNROLL for (int i = 0; i < size; ++i) {
    int32_t above = x[i];
    if (__builtin_expect((uint32_t)above > span, 0)) above = above < 0 ? 0 : (int32_t)span;
    output[i] = (int8_t)(above + range.min);
  }
}

#endif
