/* Exponentials in fixed point, in the same steps as TensorFlow Lite Micro and gemmlowp, to get the same
 * rounding. Qm.n has m integer and n fractional bits besides the sign.
 *
 * nn_exp_of_negative         exp(x)
 * nn_reciprocal_of_one_plus  1 / (1 + x)
 * nn_twice_reciprocal        2 / (1 + x)
 */
#ifndef CFUFORGE_NN_FIXED_POINT_H
#define CFUFORGE_NN_FIXED_POINT_H

#include "requantise.h"

/* A fixed-point constant with the given number of fractional bits. */
#define NN_FIXED(value, fraction_bits) \
  ((int32_t)((value) * (double)(1u << (fraction_bits)) + ((value) < 0 ? -0.5 : 0.5)))
#define NN_ONE_Q31 INT32_MAX

/* Before each loop here: a file may define it, to say whether they are unrolled. */
#ifndef NN_LOOP
#define NN_LOOP
#endif

/* x * 2^exponent, saturated to 32 bits; exponent >= 0. */
static inline int32_t nn_shift_left(int32_t x, int32_t exponent) {
  const int32_t limit = INT32_MAX >> exponent;
  if (x > limit) return INT32_MAX;
  if (x < -limit - 1) return INT32_MIN;
  return (int32_t)((uint32_t)x << exponent);
}

/* exp(x) in Q0.31 for -1/4 <= x < 0 in Q0.31: a Taylor series around -1/8 up to the fourth power. */
static inline int32_t nn_exp_of_quarter(int32_t x) {
  const int32_t d = x + NN_FIXED(0.125, 31);
  const int32_t d2 = nn_srdhm(d, d), d3 = nn_srdhm(d2, d), d4 = nn_srdhm(d2, d2);
  const int32_t third = NN_FIXED(1.0 / 3.0, 31);
  const int32_t tail = nn_rdbpot(nn_srdhm(nn_rdbpot(d4, 2) + d3, third) + d2, 1);
  const int32_t exp_of_eighth = NN_FIXED(0.88249690258459540286, 31); /* exp(-1/8) */
  return exp_of_eighth + nn_srdhm(d + tail, exp_of_eighth);
}

static const int32_t exp_factors[7] = {
    NN_FIXED(0.77880078307140486825, 31),     /* exp(-1/4) */
    NN_FIXED(0.60653065971263342360, 31),     /* exp(-1/2) */
    NN_FIXED(0.36787944117144232160, 31),     /* exp(-1) */
    NN_FIXED(0.13533528323661269189, 31),     /* exp(-2) */
    NN_FIXED(0.018315638888734180294, 31),    /* exp(-4) */
    NN_FIXED(0.00033546262790251183882, 31),  /* exp(-8) */
    NN_FIXED(0.00000011253517471925911451, 31), /* exp(-16) */
};

/* exp(x) in Q0.31 for x <= 0 with `integer_bits` (4 or 5) before the point: the part below 1/4 by
 * the series, then one factor exp(-2^k) for each remaining bit 2^k, k = -2..4. */
static inline int32_t nn_exp_of_negative(int32_t x, int32_t integer_bits) {
  const int32_t quarter = 1 << (29 - integer_bits);
  if (x == 0) return NN_ONE_Q31;
  const int32_t fraction = (x & (quarter - 1)) - quarter;
  const int32_t rest = fraction - x; /* a multiple of 1/4 */
  int32_t result = nn_exp_of_quarter(nn_shift_left(fraction, integer_bits));
  NN_LOOP
  for (int k = 0; k < integer_bits + 2; ++k) {
    if (rest & (quarter << k)) result = nn_srdhm(result, exp_factors[k]);
  }
  return result;
}

/* 2 / (1 + x) in Q2.29 for 0 <= x < 1 in Q0.31, by Newton's iteration. */
static inline int32_t nn_twice_reciprocal(int32_t x) {
  const int32_t half = (x >> 1) + (1 << 30); /* (1 + x) / 2 in Q0.31 */
  int32_t guess = NN_FIXED(48.0 / 17.0, 29) + nn_srdhm(half, NN_FIXED(-32.0 / 17.0, 29));
  NN_LOOP
  for (int step = 0; step < 3; ++step) {
    const int32_t error = (1 << 29) - nn_srdhm(half, guess);
    guess += nn_shift_left(nn_srdhm(guess, error), 2);
  }
  return guess;
}

/* 1 / (1 + x) in Q0.31 for 0 <= x < 1 in Q0.31. */
static inline int32_t nn_reciprocal_of_one_plus(int32_t x) {
  return nn_shift_left(nn_twice_reciprocal(x), 1); /* half of it, from Q2.29 to Q0.31 */
}

#endif
