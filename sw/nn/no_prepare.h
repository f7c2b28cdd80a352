/* What a kernel without a prepare function does: it keeps nothing. For the C++ code that calls these functions;
 * they are weak, so that a design's own take their places. nn_lookup_s8_prepare is missing: whoever calls it
 * has to know whether there is one. */
#ifndef CFUFORGE_NO_PREPARE_H
#define CFUFORGE_NO_PREPARE_H

#include "nn.h"

#define NN_KEEPS_NOTHING(kernel, ...)                                                        \
  extern "C" __attribute__((weak)) nn_status kernel##_prepare(nn_context *, __VA_ARGS__) { \
    return NN_OK;                                                                            \
  }
#define NN_KEEPS_NO_WEIGHTS(kernel, params)                                               \
  NN_KEEPS_NOTHING(kernel, const params *, const nn_channel_quant *, const nn_dims *,     \
                   const nn_dims *, const int8_t *, const int32_t *, const nn_dims *)
#define NN_KEEPS_NO_POOL(kernel) \
  NN_KEEPS_NOTHING(kernel, const nn_pool_params *, const nn_dims *, const nn_dims *)
#define NN_KEEPS_NO_INPUT(kernel, params) \
  NN_KEEPS_NOTHING(kernel, const params *, const nn_broadcast *, const int8_t *, const int8_t *)

NN_KEEPS_NO_WEIGHTS(nn_conv_s8, nn_conv_params)
NN_KEEPS_NO_WEIGHTS(nn_depthwise_conv_s8, nn_dw_conv_params)
NN_KEEPS_NO_WEIGHTS(nn_transpose_conv_s8, nn_transpose_conv_params)
NN_KEEPS_NO_WEIGHTS(nn_fully_connected_s8, nn_fc_params)
NN_KEEPS_NOTHING(nn_svdf_state8_s8, const nn_svdf_params *, const int8_t *, const int8_t *,
                 const int32_t *)
NN_KEEPS_NOTHING(nn_svdf_state16_s8, const nn_svdf_params *, const int8_t *, const int16_t *,
                 const int32_t *)
NN_KEEPS_NOTHING(nn_lstm_s8, const nn_lstm_params *, const nn_lstm_gate *)
NN_KEEPS_NO_POOL(nn_average_pool_s8)
NN_KEEPS_NO_POOL(nn_max_pool_s8)
NN_KEEPS_NOTHING(nn_reduce_sum_s8, const nn_reduce_sum_params *, const nn_reduction *)
NN_KEEPS_NO_INPUT(nn_add_s8, nn_add_params)
NN_KEEPS_NO_INPUT(nn_sub_s8, nn_add_params)
NN_KEEPS_NO_INPUT(nn_mul_s8, nn_mul_params)
NN_KEEPS_NOTHING(nn_move, const nn_move_params *)
NN_KEEPS_NOTHING(nn_pad, const nn_pad_params *)
NN_KEEPS_NOTHING(nn_sigmoid_s8, const nn_sigmoid_params *, int32_t)
NN_KEEPS_NOTHING(nn_rescale_s8, const nn_rescale_params *, int32_t)
NN_KEEPS_NOTHING(nn_hard_swish_s8, const nn_hard_swish_params *, int32_t)
NN_KEEPS_NOTHING(nn_convert, const nn_convert_params *, int32_t)

extern "C" __attribute__((weak)) void nn_hand_over(void) {}

#undef NN_KEEPS_NOTHING
#undef NN_KEEPS_NO_WEIGHTS
#undef NN_KEEPS_NO_POOL
#undef NN_KEEPS_NO_INPUT
#endif
