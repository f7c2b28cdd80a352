/* A row of SOFTMAX from int8 to 8 or 16 `bits`, whose least value means 0.
 *
 * Fixed point throughout, in the same steps as TensorFlow Lite Micro and gemmlowp, to get the same
 * rounding: differences to the row's maximum in Q5.26 (5 integer bits), their exponentials in Q0.31, the
 * sum in Q12.19, its reciprocal by Newton's iteration in Q2.29. params: multiplier in [2^30, 2^31),
 * left_shift in [0, 31], diff_min <= 0.
 */
#ifndef CFUFORGE_NN_SOFTMAX_H
#define CFUFORGE_NN_SOFTMAX_H

/* A row has few values: it takes longer to fetch unrolled loops than to run them. */
#ifdef __clang__
#define NN_LOOP _Pragma("clang loop unroll(disable)")
#else
#define NN_LOOP _Pragma("GCC unroll 1")
#endif
#include "fixed_point.h"

#define SOFTMAX_FULL (0u - (1u << 20)) /* one more would wrap, at 8192 */

/* exp(-d) of a difference d, 0..255, is computed once: those with a bit in `computed`. */
typedef struct {
  uint32_t computed[8];
  int32_t of[256];
} exponentials;

static inline void softmax_begin(exponentials *known) {
  for (int i = 0; i < 8; ++i) known->computed[i] = 0;
}

static inline int32_t softmax_exponential(exponentials *known, const nn_softmax_params *params,
                                          int32_t difference) {
  const uint32_t place = 0u - (uint32_t)difference, bit = 1u << (place & 31);
  uint32_t *computed = &known->computed[place >> 5];
  if (!(*computed & bit)) {
    const int32_t shifted = (int32_t)((uint32_t)difference << params->left_shift);
    *computed |= bit;
    known->of[place] = nn_exp_of_negative(nn_srdhm(shifted, params->multiplier), 5);
  }
  return known->of[place];
}

static inline void softmax_row(exponentials *known, const nn_softmax_params *params, int32_t size,
                               const int8_t *input, void *output, int bits) {
  const int32_t least = -(1 << (bits - 1));
  const nn_activation range = {least, -1 - least};
  int32_t largest = -128;
  uint32_t sum = 0;
  for (int32_t i = 0; i < size; ++i) {
    if (input[i] > largest) largest = input[i];
  }
  for (int32_t i = 0; i < size && sum < SOFTMAX_FULL; ++i) {
    const int32_t difference = input[i] - largest;
    if (difference >= params->diff_min)
      sum += (uint32_t)nn_rdbpot(softmax_exponential(known, params, difference), 12);
  }
  int32_t headroom = 0; /* at most 12: exp(0) is in the sum */
  while (sum << headroom < 1u << 31) ++headroom;
  const int32_t excess = (int32_t)((sum << headroom) - (1u << 31));
  const int32_t scale = nn_reciprocal_of_one_plus(excess);
  const int32_t shift = 12 - headroom + 31 - bits;
  for (int32_t i = 0; i < size; ++i) {
    const int32_t difference = input[i] - largest;
    int32_t value = least;
    if (difference >= params->diff_min && shift <= 31)
      value += nn_rdbpot(nn_srdhm(scale, softmax_exponential(known, params, difference)), shift);
    value = nn_clamp(value, range);
    if (bits == 8) {
      ((int8_t *)output)[i] = (int8_t)value;
    } else {
      ((int16_t *)output)[i] = (int16_t)value;
    }
  }
}

#endif
