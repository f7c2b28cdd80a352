/* SOFTMAX on int8, over rows of any size; output scale 1/256, zero point -128.
 *
 * Fixed point throughout, in the steps of TensorFlow Lite Micro and gemmlowp, whose roundings it
 * has to share: differences to the row's maximum in Q5.26 (5 integer bits), their exponentials in
 * Q0.31, the sum in Q12.19, its reciprocal by Newton's iteration in Q2.29.
 * params: multiplier in [2^30, 2^31), left_shift in [0, 31], diff_min <= 0;
 * row_size at most 4095, so that the sum fits. Always returns NN_OK. TFLM aborts when the sum is 512
 * or more (a long row of nearly equal values): every output is then at most half of 1/256: -128.
 */
#include "requantise.h"

/* A constant in fixed point with that many fractional bits. */
#define FIXED(value, fraction_bits) \
  ((int32_t)((value) * (double)(1u << (fraction_bits)) + ((value) < 0 ? -0.5 : 0.5)))
#define ONE_Q31 INT32_MAX

/* x * 2^exponent, limited to 32 bits; exponent >= 0. */
static int32_t saturating_shift_left(int32_t x, int32_t exponent) {
  const int32_t limit = INT32_MAX >> exponent;
  if (x > limit) return INT32_MAX;
  if (x < -limit - 1) return INT32_MIN;
  return (int32_t)((uint32_t)x << exponent);
}

/* exp(x) in Q0.31 for -1/4 <= x < 0 in Q0.31: a Taylor series around -1/8 up to the fourth power. */
static int32_t exp_of_quarter(int32_t x) {
  const int32_t d = x + FIXED(0.125, 31);
  const int32_t d2 = nn_srdhm(d, d), d3 = nn_srdhm(d2, d), d4 = nn_srdhm(d2, d2);
  const int32_t third = FIXED(1.0 / 3.0, 31);
  const int32_t tail = nn_rdbpot(nn_srdhm(nn_rdbpot(d4, 2) + d3, third) + d2, 1);
  const int32_t exp_of_eighth = FIXED(0.88249690258459540286, 31); /* exp(-1/8) */
  return exp_of_eighth + nn_srdhm(d + tail, exp_of_eighth);
}

/* exp(x) in Q0.31 for x <= 0 in Q5.26: the part below 1/4 by the series, then one factor
 * exp(-2^k) for each bit 2^k that is left, k = -2..4. */
static int32_t exp_of_negative(int32_t x) {
  static const int32_t factors[7] = {
      FIXED(0.77880078307140486825, 31),     /* exp(-1/4) */
      FIXED(0.60653065971263342360, 31),     /* exp(-1/2) */
      FIXED(0.36787944117144232160, 31),     /* exp(-1) */
      FIXED(0.13533528323661269189, 31),     /* exp(-2) */
      FIXED(0.018315638888734180294, 31),    /* exp(-4) */
      FIXED(0.00033546262790251183882, 31),  /* exp(-8) */
      FIXED(0.00000011253517471925911451, 31), /* exp(-16) */
  };
  const int32_t quarter = 1 << 24;
  if (x == 0) return ONE_Q31;
  const int32_t fraction = (x & (quarter - 1)) - quarter;
  const int32_t rest = fraction - x; /* a multiple of 1/4 */
  int32_t result = exp_of_quarter(saturating_shift_left(fraction, 5));
  for (int k = 0; k < 7; ++k) {
    if (rest & (quarter << k)) result = nn_srdhm(result, factors[k]);
  }
  return result;
}

/* 1 / (1 + x) in Q0.31 for 0 <= x < 1 in Q0.31. */
static int32_t reciprocal_of_one_plus(int32_t x) {
  const int32_t half = (int32_t)(((int64_t)x + ONE_Q31 + 1) / 2); /* (1 + x) / 2 in Q0.31 */
  int32_t guess = FIXED(48.0 / 17.0, 29) + nn_srdhm(half, FIXED(-32.0 / 17.0, 29));
  for (int step = 0; step < 3; ++step) {
    const int32_t error = (1 << 29) - nn_srdhm(half, guess);
    guess += saturating_shift_left(nn_srdhm(guess, error), 2);
  }
  return saturating_shift_left(guess, 1); /* half of 2 / (1 + x), from Q2.29 to Q0.31 */
}

/* The difference to the row's maximum in Q5.26. */
static int32_t scaled(int32_t difference, const nn_softmax_params *params) {
  return nn_srdhm((int32_t)((uint32_t)difference << params->left_shift), params->multiplier);
}

static void softmax_row(const nn_softmax_params *params, int32_t size, const int8_t *input,
                        int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  int32_t largest = -128, sum = 0;
  for (int32_t i = 0; i < size; ++i) {
    if (input[i] > largest) largest = input[i];
  }
  for (int32_t i = 0; i < size; ++i) {
    const int32_t difference = input[i] - largest;
    if (difference >= params->diff_min)
      sum += nn_rdbpot(exp_of_negative(scaled(difference, params)), 12);
  }
  const int32_t headroom = __builtin_clz((uint32_t)sum); /* the sum is positive: exp(0) is in it */
  const int32_t excess = (int32_t)(((uint32_t)sum << headroom) - (1u << 31));
  const int32_t scale = reciprocal_of_one_plus(excess);
  const int32_t shift = 12 - headroom + 31 - 8;
  for (int32_t i = 0; i < size; ++i) {
    const int32_t difference = input[i] - largest;
    int32_t value = -128;
    if (difference >= params->diff_min && shift <= 31)
      value += nn_rdbpot(nn_srdhm(scale, exp_of_negative(scaled(difference, params))), shift);
    output[i] = (int8_t)nn_clamp(value, int8_range);
  }
}

nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output) {
  NN_RAN(ctx, "softmax_s8");
  for (int32_t row = 0; row < rows; ++row, input += row_size, output += row_size)
    softmax_row(params, row_size, input, output);
  return NN_OK;
}
