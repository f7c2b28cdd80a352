/* The convolution of conv_s8.c, also for a depthwise one with a single input channel, which differs
 * only in the order of its filter.
 *
 * simd_mac_conv_scratch_size   bytes of scratch that simd_mac_conv needs.
 * simd_mac_conv                computes the layer; input and filter must be aligned to 4 bytes, and
 *                              the groups must divide all channels.
 */
#ifndef SIMD_MAC_CONV_H
#define SIMD_MAC_CONV_H

#include "nn.h"

typedef enum {
  CHANNELS_FIRST, /* filter(o, y, x, i), CONV_2D's */
  CHANNELS_LAST,  /* filter(y, x, o), DEPTHWISE_CONV_2D's */
} filter_order;

int32_t simd_mac_conv_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                   const nn_dims *filter_dims, const nn_dims *output_dims,
                                   filter_order order);

/* filter_dims are as for CONV_2D, in both orders. */
void simd_mac_conv(const nn_context *ctx, const nn_conv_params *params,
                   const nn_channel_quant *quant, const nn_dims *input_dims, const int8_t *input,
                   const nn_dims *filter_dims, const int8_t *filter, filter_order order,
                   const int32_t *bias, const nn_dims *output_dims, int8_t *output);

#endif
