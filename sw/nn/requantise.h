/* The fixed-point arithmetic of requantisation, in TensorFlow Lite Micro's double rounding.
 *
 * nn_wrap             a + b, which wraps as TFLM's sums do; signed overflow is undefined in C.
 * nn_srdhm            a * b / 2^31, rounded half up; |a| <= 2^31, 0 <= b < 2^31 or both above -2^31.
 * nn_rdbpot           x / 2^exponent, rounded half away from zero; exponent 0..31, x > -2^31.
 * nn_multiply         x * multiplier / 2^31 * 2^shift, rounded twice; x << shift wraps.
 * nn_requantise       an accumulator to an int8 output: nn_multiply, output offset, clamp.
 * nn_clamp            value limited to an activation's range.
 */
#ifndef CFUFORGE_NN_REQUANTISE_H
#define CFUFORGE_NN_REQUANTISE_H

#include "nn.h"

static inline int32_t nn_wrap(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* floor((a * b + 2^30) / 2^31), from the two halves of the product without a 64-bit addition. */
static inline int32_t nn_srdhm(int32_t a, int32_t b) {
  const int64_t product = (int64_t)a * b;
  const uint32_t high = (uint32_t)(product >> 32), low = (uint32_t)product;
  return (int32_t)((high << 1) + (((low >> 30) + 1) >> 1));
}

/* With d = 1 for a negative x, else 0: floor((x - d + 2^(exponent - 1)) / 2^exponent), with the half added
 * after a first shift, to avoid overflow. */
static inline int32_t nn_rdbpot(int32_t x, int32_t exponent) {
  if (exponent == 0) return x;
  return (((x + (x >> 31)) >> (exponent - 1)) + 1) >> 1;
}

static inline int32_t nn_multiply(int32_t x, int32_t multiplier, int32_t shift) {
  if (shift < 0) return nn_rdbpot(nn_srdhm(x, multiplier), -shift);
  return nn_srdhm((int32_t)((uint32_t)x << shift), multiplier);
}

static inline int32_t nn_clamp(int32_t value, nn_activation range) {
  if (value < range.min) value = range.min;
  if (value > range.max) value = range.max;
  return value;
}

static inline int8_t nn_requantise(int32_t acc, int32_t multiplier, int32_t shift,
                                   int32_t output_offset, nn_activation activation) {
  return (int8_t)nn_clamp(nn_wrap(nn_multiply(acc, multiplier, shift), output_offset), activation);
}

#endif
