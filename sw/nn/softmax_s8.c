/* SOFTMAX on int8, over rows of any size; output scale 1/256, zero point -128.
 *
 * Fixed point throughout, in the steps of TensorFlow Lite Micro and gemmlowp, whose roundings it
 * has to share: differences to the row's maximum in Q5.26 (5 integer bits), their exponentials in
 * Q0.31, the sum in Q12.19, its reciprocal by Newton's iteration in Q2.29.
 * params: multiplier in [2^30, 2^31), left_shift in [0, 31], diff_min <= 0. Always returns NN_OK.
 * TFLM aborts when the sum is 512 or more (a long row of nearly equal values): every output is then
 * at most half of 1/256: -128.
 */
#include "fixed_point.h"

/* exp(-d) of a difference d, 0..255, is computed once; 0 is one that has not been. */
typedef struct {
  int32_t of[256];
} exponentials;

static int32_t exponential(exponentials *known, const nn_softmax_params *params,
                           int32_t difference) {
  int32_t *exponential = &known->of[-difference];
  if (*exponential == 0) {
    const int32_t shifted = (int32_t)((uint32_t)difference << params->left_shift);
    *exponential = nn_exp_of_negative(nn_srdhm(shifted, params->multiplier), 5);
  }
  return *exponential;
}

static void softmax_row(exponentials *known, const nn_softmax_params *params, int32_t size,
                        const int8_t *input, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  int32_t largest = -128;
  uint32_t sum = 0;
  for (int32_t i = 0; i < size; ++i) {
    if (input[i] > largest) largest = input[i];
  }
  for (int32_t i = 0; i < size && sum < 1u << 31; ++i) {
    const int32_t difference = input[i] - largest;
    if (difference >= params->diff_min)
      sum += (uint32_t)nn_rdbpot(exponential(known, params, difference), 12);
  }
  const int32_t headroom = __builtin_clz(sum); /* the sum is positive: exp(0) is in it */
  const int32_t excess = (int32_t)((sum << headroom) - (1u << 31));
  const int32_t scale = nn_reciprocal_of_one_plus(excess);
  const int32_t shift = 12 - headroom + 31 - 8;
  for (int32_t i = 0; i < size; ++i) {
    const int32_t difference = input[i] - largest;
    int32_t value = -128;
    if (difference >= params->diff_min && shift <= 31)
      value += nn_rdbpot(nn_srdhm(scale, exponential(known, params, difference)), shift);
    output[i] = (int8_t)nn_clamp(value, int8_range);
  }
}

nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output) {
  exponentials known = {{0}};
  NN_RAN(ctx, "softmax_s8");
  for (int32_t row = 0; row < rows; ++row, input += row_size, output += row_size)
    softmax_row(&known, params, row_size, input, output);
  return NN_OK;
}
