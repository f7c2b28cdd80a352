/* The nn library: int8 neural-network kernels in C11 without heap or runtime.
 *
 * One function a file, the file named after it (nn_conv_s8 is in conv_s8.c). Every kernel returns an
 * nn_status, takes its tensors as plain pointers with nn_dims, and equals TensorFlow Lite Micro bit
 * for bit. Tensors are NHWC.
 *
 * A CFU design replaces a kernel by file name: its conv_s8.c defines nn_conv_s8, and the plain kernel
 * is then compiled under the name nn_conv_s8_reference, so that the design's can fall back to it, and
 * must do so explicitly. Each kernel says who it is with NN_RAN(ctx): the last one to say so is what
 * the profile shows.
 */
#ifndef CFUFORGE_NN_H
#define CFUFORGE_NN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  NN_OK = 0,
  NN_UNSUPPORTED = 1, /* a shape or parameter that this kernel does not do */
} nn_status;

/* Number of batches, height, width, channels. A filter: CONV_2D n = output channels, h, w,
 * c = input channels; DEPTHWISE_CONV_2D n = 1, h, w, c = output channels; FULLY_CONNECTED n = output
 * channels, c = accumulation depth, h = w = 1. */
typedef struct {
  int32_t n, h, w, c;
} nn_dims;

typedef struct {
  int32_t w, h;
} nn_size;

/* What a kernel gets from its caller besides tensors. */
typedef struct {
  void *scratch;        /* 16-byte aligned, at least what <kernel>_scratch_size() asked for */
  int32_t scratch_size; /* in bytes */
  const char *ran;      /* out: who computed the layer, for example "simd_mac/conv_s8" */
} nn_context;

/* Set by the build for each source file: "reference", or the design's name. */
#ifndef NN_ORIGIN
#define NN_ORIGIN "reference"
#endif
#define NN_RAN(ctx, kernel) ((ctx)->ran = NN_ORIGIN "/" kernel)

/* Clamp of the output: -128 <= min <= max <= 127. */
typedef struct {
  int32_t min, max;
} nn_activation;

/* Requantisation of an accumulator: multiplier in [0, 2^31), shift in [-31, 30], positive is left. */
typedef struct {
  int32_t multiplier, shift;
} nn_quant;

/* One multiplier and one shift for each output channel. */
typedef struct {
  const int32_t *multiplier, *shift;
} nn_channel_quant;

typedef struct {
  int32_t input_offset;  /* -input zero point, -127..128 */
  int32_t output_offset; /* output zero point, -128..127 */
  nn_size stride, padding /* before */, dilation;
  nn_activation activation;
} nn_conv_params;

typedef struct {
  int32_t input_offset, output_offset;
  nn_size stride, padding, dilation;
  nn_activation activation;
  int32_t depth_multiplier; /* output channel o reads input channel o / depth_multiplier */
} nn_dw_conv_params;

typedef struct {
  int32_t input_offset;
  int32_t filter_offset; /* -filter zero point; 0 in every quantised model of today */
  int32_t output_offset;
  nn_activation activation;
  int32_t per_channel; /* 0: one multiplier and shift for all output channels; 1: one for each */
} nn_fc_params;

typedef struct {
  nn_size stride, padding, filter;
  nn_activation activation;
} nn_pool_params;

/* SOFTMAX: differences to the maximum are scaled to Q5.26 by multiplier and left shift; those below
 * diff_min count as zero. */
typedef struct {
  int32_t multiplier, left_shift, diff_min;
} nn_softmax_params;

/* CONV_2D. bias may be NULL. output(n, y, x, o) = clamp(requantise(bias[o] +
 * sum over ky, kx, i of filter(o, ky, kx, i) * (input(n, y*stride.h - padding.h + ky*dilation.h, ...,
 * i) + input_offset)) + output_offset); what lies outside the input is left out of the sum. */
int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims);
nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output);

/* DEPTHWISE_CONV_2D. bias may be NULL. */
int32_t nn_depthwise_conv_s8_scratch_size(const nn_dw_conv_params *params, const nn_dims *input_dims,
                                          const nn_dims *filter_dims, const nn_dims *output_dims);
nn_status nn_depthwise_conv_s8(nn_context *ctx, const nn_dw_conv_params *params,
                               const nn_channel_quant *quant, const nn_dims *input_dims,
                               const int8_t *input, const nn_dims *filter_dims,
                               const int8_t *filter, const int32_t *bias,
                               const nn_dims *output_dims, int8_t *output);

/* FULLY_CONNECTED. Output channel o has the multiplier and shift number o * params->per_channel.
 * input_dims: n batches of c values (h = w = 1). bias may be NULL. */
int32_t nn_fully_connected_s8_scratch_size(const nn_fc_params *params, const nn_dims *input_dims,
                                           const nn_dims *filter_dims, const nn_dims *output_dims);
nn_status nn_fully_connected_s8(nn_context *ctx, const nn_fc_params *params,
                                const nn_channel_quant *quant, const nn_dims *input_dims,
                                const int8_t *input, const nn_dims *filter_dims,
                                const int8_t *filter, const int32_t *bias,
                                const nn_dims *output_dims, int8_t *output);

/* AVERAGE_POOL_2D: the mean of what lies inside the input, rounded half away from zero. */
nn_status nn_average_pool_s8(nn_context *ctx, const nn_pool_params *params,
                             const nn_dims *input_dims, const int8_t *input,
                             const nn_dims *output_dims, int8_t *output);

/* SOFTMAX over the last dimension: rows x row_size; output scale 1/256, zero point -128. */
nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output);

/* The plain kernels, by the names that they have where a design replaces them. */
extern __typeof__(nn_conv_s8_scratch_size) nn_conv_s8_reference_scratch_size;
extern __typeof__(nn_conv_s8) nn_conv_s8_reference;
extern __typeof__(nn_depthwise_conv_s8_scratch_size) nn_depthwise_conv_s8_reference_scratch_size;
extern __typeof__(nn_depthwise_conv_s8) nn_depthwise_conv_s8_reference;
extern __typeof__(nn_fully_connected_s8_scratch_size) nn_fully_connected_s8_reference_scratch_size;
extern __typeof__(nn_fully_connected_s8) nn_fully_connected_s8_reference;
extern __typeof__(nn_average_pool_s8) nn_average_pool_s8_reference;
extern __typeof__(nn_softmax_s8) nn_softmax_s8_reference;

#ifdef __cplusplus
}
#endif
#endif
