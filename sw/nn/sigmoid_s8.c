/* LOGISTIC and TANH on int8.
 *
 * LOGISTIC: output scale 1/256, zero point -128; TANH: 1/128 and 0. The input is scaled to Q4.27; values
 * `radius` or more from 0 give the limit. params: multiplier in [2^30, 2^31), left_shift in [0, 30]. Always
 * returns NN_OK.
 */
#include "fixed_point.h"

/* 1 / (1 + exp(-x)) in Q0.31 for x in Q4.27. */
static int32_t logistic(int32_t x) {
  if (x == 0) return NN_FIXED(0.5, 31);
  const int32_t positive =
      nn_reciprocal_of_one_plus(nn_exp_of_negative(x > 0 ? -x : x, 4));
  return x > 0 ? positive : NN_ONE_Q31 - positive;
}

/* (1 - exp(-2x)) / (1 + exp(-2x)) in Q0.31 for x in Q4.27; the same bits in Q5.26 are 2x. */
static int32_t hyperbolic_tangent(int32_t x) {
  if (x == 0) return 0;
  const int32_t twice = nn_twice_reciprocal(nn_exp_of_negative(x > 0 ? -x : x, 5));
  const int32_t positive = nn_shift_left(twice - (1 << 29), 2);
  return x > 0 ? positive : -positive;
}

nn_status nn_sigmoid_s8(nn_context *ctx, const nn_sigmoid_params *params, int32_t size,
                        const int8_t *input, int8_t *output) {
  const nn_activation int8_range = {-128, 127};
  NN_RAN(ctx, "sigmoid_s8");
  for (int32_t i = 0; i < size; ++i) {
    const int32_t x = input[i] + params->input_offset;
    int32_t y;
    if (x <= -params->radius) {
      y = -128;
    } else if (x >= params->radius) {
      y = 127;
    } else {
      const int32_t scaled = nn_multiply(x, params->multiplier, params->left_shift);
      y = params->tanh ? nn_rdbpot(hyperbolic_tangent(scaled), 24)
                       : nn_rdbpot(logistic(scaled), 23) - 128;
    }
    output[i] = (int8_t)nn_clamp(y, int8_range);
  }
  return NN_OK;
}
