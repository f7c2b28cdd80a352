/* SVDF on int8 with int16 state and time weights, with the CFU simd_mac. Unless tensors are aligned to 4 bytes and the
 * inputs are whole words, the reference computes the layer. Always returns NN_OK. */
#define STATE int16_t
#define STATE_MIN INT16_MIN
#define STATE_MAX INT16_MAX
#include "recurrence.h"

nn_status nn_svdf_state16_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                             const int8_t *feature_weights, const int16_t *time_weights,
                             const int32_t *bias, int16_t *state, int8_t *output) {
  if (!svdf_fits(params, input, feature_weights))
    return nn_svdf_state16_s8_reference(ctx, params, input, feature_weights, time_weights, bias, state, output);
  NN_RAN(ctx, "svdf_state16_s8");
  svdf_by_cfu(params, input, feature_weights, time_weights, bias, state, output);
  return NN_OK;
}
