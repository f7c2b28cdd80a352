/* SVDF on int8 with int16 state and time weights, on the engine. Always returns NN_OK. */
#define STATE int16_t
#define STATE_MIN INT16_MIN
#define STATE_MAX INT16_MAX
#include "recurrence.h"

nn_status nn_svdf_state16_s8_prepare(nn_context *ctx, const nn_svdf_params *params, const int8_t *feature_weights,
                                    const int16_t *time_weights, const int32_t *bias) {
  return svdf_prepare(ctx, params, feature_weights, time_weights, bias);
}

int32_t nn_svdf_state16_s8_scratch_size(const nn_svdf_params *params) { return svdf_scratch_size(params); }

nn_status nn_svdf_state16_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                            const int8_t *feature_weights, const int16_t *time_weights, const int32_t *bias,
                            int16_t *state, int8_t *output) {
  if (!ctx->persistent)
    return nn_svdf_state16_s8_reference(ctx, params, input, feature_weights, time_weights, bias, state, output);
  NN_RAN(ctx, "svdf_state16_s8");
  svdf_by_engine(ctx, params, input, time_weights, bias, state, output);
  return NN_OK;
}
