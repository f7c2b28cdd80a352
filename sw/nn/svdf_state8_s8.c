/* SVDF on int8 with int8 state and time weights. Always returns NN_OK. */
#define STATE int8_t
#define STATE_MIN INT8_MIN
#define STATE_MAX INT8_MAX
#include "svdf.h"

int32_t nn_svdf_state8_s8_scratch_size(const nn_svdf_params *params) {
  (void)params;
  return 0;
}

nn_status nn_svdf_state8_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                            const int8_t *feature_weights, const int8_t *time_weights,
                            const int32_t *bias, int8_t *state, int8_t *output) {
  NN_RAN(ctx, "svdf_state8_s8");
  svdf(params, input, feature_weights, time_weights, bias, state, output);
  return NN_OK;
}
