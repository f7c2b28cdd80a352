/* SVDF on int8 with int16 state and time weights. Always returns NN_OK. */
#define STATE int16_t
#define STATE_MIN INT16_MIN
#define STATE_MAX INT16_MAX
#include "svdf.h"

int32_t nn_svdf_state16_s8_scratch_size(const nn_svdf_params *params) {
  (void)params;
  return 0;
}

nn_status nn_svdf_state16_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                            const int8_t *feature_weights, const int16_t *time_weights,
                            const int32_t *bias, int16_t *state, int8_t *output) {
  NN_RAN(ctx, "svdf_state16_s8");
  svdf(params, input, feature_weights, time_weights, bias, state, output);
  return NN_OK;
}
