#include "cfu.h"
#include "nn.h"

nn_status nn_svdf_state16_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                             const int8_t *feature_weights, const int16_t *time_weights,
                             const int32_t *bias, int16_t *state, int8_t *output) {
  const nn_status status = nn_svdf_state16_s8_reference(ctx, params, input, feature_weights,
                                                        time_weights, bias, state, output);
#if CFU_FAULT == 20
  if (state[params->memory - 2] != 0) output[0] ^= 1;
#elif CFU_FAULT == 21
  state[0] ^= 1;
#endif
  return status;
}
