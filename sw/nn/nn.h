/* The nn library: int8 neural-network kernels in C11 without heap or runtime.
 *
 * One function a file, the file named after it (nn_conv_s8 is in conv_s8.c). Every kernel returns an
 * nn_status, takes its tensors as plain pointers with nn_dims, and equals TensorFlow Lite Micro bit
 * for bit. Tensors are NHWC.
 *
 * A CFU design replaces a kernel by file name: its conv_s8.c defines nn_conv_s8, and the plain kernel is
 * then compiled as nn_conv_s8_reference, to which the design's kernel can fall back explicitly. Each kernel
 * names itself with NN_RAN(ctx); the profile shows the last one that did.
 *
 * A design may also define <kernel>_prepare, in any file, for the kernels that have one below: see "Prepare".
 */
#ifndef CFUFORGE_NN_H
#define CFUFORGE_NN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  NN_OK = 0,
  NN_UNSUPPORTED = 1, /* a shape or parameter that this kernel does not support */
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

/* Computes a prepared layer in place of its kernel, from what that keeps and the addresses of the kernel's input and
 * output. input2 is that of kernels with two inputs, and anything for others. */
typedef void nn_compute(const void *persistent, const void *input1, const void *input2, void *output);

/* A kernel's context, besides its tensors. */
typedef struct {
  void *scratch;        /* 16-byte aligned, at least what <kernel>_scratch_size() asked for */
  int32_t scratch_size; /* in bytes */
  /* 16-byte aligned; what <kernel>_prepare filled when the model was prepared; NULL if it asked for none */
  void *persistent;
  int32_t persistent_size; /* in bytes */
  const char *ran;         /* out: the kernel that ran, for example "simd_mac/conv_s8" */
  nn_compute *compute;     /* out of <kernel>_prepare, besides `ran`; NULL: the kernel computes the layer */
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
  const int32_t *multiplier;
  const int8_t *shift;
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
  int32_t input_offset, output_offset;
  nn_size stride, padding; /* padding: output rows and columns cropped before the first */
  nn_activation activation;
} nn_transpose_conv_params;

typedef struct {
  int32_t input_offset;
  int32_t filter_offset; /* -filter zero point; 0 in all current quantised models */
  int32_t output_offset;
  nn_activation activation;
  int32_t per_channel; /* 0: one multiplier and shift for all output channels; 1: one per channel */
} nn_fc_params;

typedef struct {
  nn_size stride, padding, filter;
  nn_activation activation;
} nn_pool_params;

/* SOFTMAX: multiplier and left shift scale differences to the maximum to Q5.26; exponentials of those below
 * diff_min count as zero. */
typedef struct {
  int32_t multiplier, left_shift, diff_min;
} nn_softmax_params;

/* How two inputs are broadcast to an output of 1 to NN_MAX_RANK axes, outermost first. An axis has `size`
 * >= 1 outputs, and input k advances by step k values for each (0: not at all). Steps of the innermost axis
 * are 0 or 1. Equal shapes are one axis with both steps 1. */
#define NN_MAX_RANK 7
typedef struct {
  int32_t size, step1, step2;
} nn_broadcast_axis;
typedef struct {
  int32_t rank;
  const nn_broadcast_axis *axes;
} nn_broadcast;

/* ADD and SUB: input k, shifted left by 20 bits, times its multiplier; then the sum times the output's. All
 * shifts in [-31, 0]; input offsets -127..128. An input multiplier of 1/2, {2^30, 0}, as the coarser
 * input's is, is faster. */
typedef struct {
  int32_t input1_offset, input2_offset, output_offset;
  nn_quant input1, input2, output;
  nn_activation activation;
} nn_add_params;

typedef struct {
  int32_t input1_offset, input2_offset, output_offset;
  nn_quant output;
  nn_activation activation;
} nn_mul_params;

/* The axes of a reduction, outermost first. Unused ones come first, with size 1 and stride 0. The kept
 * axes, in this order, are the output's. All sizes are positive. */
#define NN_REDUCTION_AXES 4
typedef struct {
  int32_t size, stride; /* stride: from one value to the next in the input */
} nn_reduction_axis;
typedef struct {
  nn_reduction_axis kept[NN_REDUCTION_AXES], reduced[NN_REDUCTION_AXES];
} nn_reduction;

/* SUM: quant is input scale / output scale. MEAN of n values: the multiplier is shifted left by
 * k = floor(log2 n), at most 31 + shift, and divided by n, rounded down; k is taken from the shift. */
typedef struct {
  int32_t input_offset; /* -input zero point * the number of values in a sum, modulo 2^32 */
  int32_t output_offset;
  nn_quant quant;
} nn_reduce_sum_params;

/* A tensor as rows along one of its dimensions: outer x size x inner, all positive; a row's values
 * are `inner` apart. */
typedef struct {
  int32_t outer, size, inner;
} nn_rows;

/* PRELU: the factors of values >= 0, and of negative values times their slope. */
typedef struct {
  int32_t input_offset, slope_offset, output_offset;
  nn_quant positive, negative;
} nn_prelu_params;

/* LOGISTIC and TANH: multiplier and left shift, 0..30, scale the input to Q4.27; values `radius` or more
 * from zero give the limit. */
typedef struct {
  int32_t input_offset; /* -127..128 */
  int32_t multiplier, left_shift, radius;
  int32_t tanh; /* 1: TANH; 0: LOGISTIC */
} nn_sigmoid_params;

/* output = clamp(multiply(input + input_offset) + output_offset), with one factor for negative values
 * (whose multiplier may be negative, above -2^31) and one for the others. */
typedef struct {
  int32_t input_offset, output_offset;
  nn_quant negative, positive;
  int32_t absolute; /* 1: take the absolute value first */
  nn_activation activation;
} nn_rescale_params;

/* Integer types. */
typedef enum { NN_INT8, NN_UINT8, NN_INT16, NN_INT32 } nn_type;

/* QUANTIZE: output = clamp(multiply(input + input_offset) + output_offset) to its type's range. */
typedef struct {
  nn_type from, to;
  int32_t input_offset, output_offset;
  nn_quant quant;
} nn_convert_params;

/* HARD_SWISH: 16-bit multipliers in [2^14, 2^15). output is input scale / output scale / 2^7, with a shift
 * in [-31, 0]; gate is input scale * 2^15 / 3 / 2^7. */
typedef struct {
  int32_t input_offset, output_offset;
  nn_quant output, gate;
} nn_hard_swish_params;

/* UNIDIRECTIONAL_SEQUENCE_LSTM: `units` values of cell and hidden state per batch. Gate sums are Q3.12,
 * rounded separately for input and hidden state; their activations are Q0.15; the unit of the cell state is
 * 8 * 2^-15 * 2^tanh_shift. */
typedef struct {
  int32_t batches, steps, inputs, units; /* all positive */
  int32_t time_major;                    /* 1: steps x batches x inputs, 0: batches first */
  int32_t input_offset, hidden_offset;   /* -zero points */
  nn_quant forget, input, output; /* forget gate * cell, input * cell gate, output gate * tanh */
  int32_t tanh_shift;             /* -31..14 */
  int32_t cell_clip;              /* the cell state's limit, 0..32767; -1: none */
} nn_lstm_params;

/* One of its gates. Weights are units x inputs and units x units; the offsets are -zero points. */
typedef struct {
  const int8_t *input_weights, *hidden_weights;
  const int32_t *bias;
  int32_t input_weights_offset, hidden_weights_offset;
  nn_quant input, hidden;
} nn_lstm_gate;

/* SVDF: each unit has `rank` filters, each with `inputs` feature weights and `memory` time weights. */
typedef struct {
  int32_t batches, inputs, rank, units, memory; /* all positive */
  int32_t input_offset, state_zero_point, output_offset;
  nn_quant feature, output; /* from feature sum to state, from unit sum to output */
} nn_svdf_params;

/* CONV_2D. bias may be NULL. output(n, y, x, o) = clamp(requantise(bias[o] +
 * sum over ky, kx, i of filter(o, ky, kx, i) * (input(n, y*stride.h - padding.h + ky*dilation.h, ...,
 * i) + input_offset)) + output_offset); terms outside the input are left out. */
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

/* TRANSPOSE_CONV. The filter's dims are those of CONV_2D. bias may be NULL. Every input(n, y, x, i),
 * with its offset, times filter(o, ky, kx, i) is added to output(n, y * stride.h + ky - padding.h,
 * ..., o), if that is inside; the output may have any size. */
int32_t nn_transpose_conv_s8_scratch_size(const nn_transpose_conv_params *params,
                                          const nn_dims *input_dims, const nn_dims *filter_dims,
                                          const nn_dims *output_dims);
nn_status nn_transpose_conv_s8(nn_context *ctx, const nn_transpose_conv_params *params,
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

/* AVERAGE_POOL_2D: the mean of the values inside the input, rounded half away from zero. */
nn_status nn_average_pool_s8(nn_context *ctx, const nn_pool_params *params,
                             const nn_dims *input_dims, const int8_t *input,
                             const nn_dims *output_dims, int8_t *output);

/* MAX_POOL_2D: the largest of the values inside the input. */
nn_status nn_max_pool_s8(nn_context *ctx, const nn_pool_params *params, const nn_dims *input_dims,
                         const int8_t *input, const nn_dims *output_dims, int8_t *output);

/* SUM and MEAN: clamp(requantise(sum + input_offset) + output_offset). */
nn_status nn_reduce_sum_s8(nn_context *ctx, const nn_reduce_sum_params *params,
                           const nn_reduction *reduction, const int8_t *input, int8_t *output);

/* REDUCE_MAX: the largest value. */
nn_status nn_reduce_max_s8(nn_context *ctx, const nn_reduction *reduction, const int8_t *input,
                           int8_t *output);

/* ARG_MAX, ARG_MIN: outer x inner indices into the rows; the first one on a tie. */
nn_status nn_arg_max_s8(nn_context *ctx, const nn_rows *rows, const int8_t *input,
                        int32_t *output);
nn_status nn_arg_min_s8(nn_context *ctx, const nn_rows *rows, const int8_t *input,
                        int32_t *output);

/* SVDF. Weights are (units x rank) filters x inputs or memory; state is batches x filters x memory,
 * the newest last. bias: one per unit. */
int32_t nn_svdf_state8_s8_scratch_size(const nn_svdf_params *params);
nn_status nn_svdf_state8_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                            const int8_t *feature_weights, const int8_t *time_weights,
                            const int32_t *bias, int8_t *state, int8_t *output);
int32_t nn_svdf_state16_s8_scratch_size(const nn_svdf_params *params);
nn_status nn_svdf_state16_s8(nn_context *ctx, const nn_svdf_params *params, const int8_t *input,
                             const int8_t *feature_weights, const int16_t *time_weights,
                             const int32_t *bias, int16_t *state, int8_t *output);

/* UNIDIRECTIONAL_SEQUENCE_LSTM. The gates are the input, forget, cell and output gate; hidden and cell
 * are batches x units; the output has the input's shape, with units in place of inputs. */
int32_t nn_lstm_s8_scratch_size(const nn_lstm_params *params);
nn_status nn_lstm_s8(nn_context *ctx, const nn_lstm_params *params, const nn_lstm_gate *gates,
                     const int8_t *input, int8_t *hidden, int16_t *cell, int8_t *output);

/* SOFTMAX over the last dimension: rows x row_size; output scale 1/256, zero point -128. */
nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output);

/* The same to int16: output scale 1/65536, zero point -32768. */
nn_status nn_softmax_s8_s16(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                            int32_t row_size, const int8_t *input, int16_t *output);

/* ADD, SUB, MUL of input1 and input2. The output of these and all other elementwise int8 kernels may be an
 * input of the same size. */
nn_status nn_add_s8(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output);
nn_status nn_sub_s8(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output);
nn_status nn_mul_s8(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                    const int8_t *input1, const int8_t *input2, int8_t *output);

/* A move of runs of bytes, all of the same length: for every combination of indices, one run is copied from
 * input + the sum of index * input_step to output + the sum of index * output_step over all axes. */
#define NN_MOVE_AXES 5
typedef struct {
  int32_t count;                   /* at least 1 */
  int32_t input_step, output_step; /* in bytes, of either sign */
} nn_move_axis;
typedef struct {
  int32_t run;                      /* bytes, at least 1 */
  nn_move_axis axis[NN_MOVE_AXES]; /* innermost last; unused ones have count 1 */
} nn_move_params;

/* CONCATENATION, SPLIT, PACK, UNPACK, SLICE, STRIDED_SLICE, TRANSPOSE, and all reshaping. Input and output,
 * of any type, must not overlap. */
nn_status nn_move(nn_context *ctx, const nn_move_params *params, const void *input, void *output);

/* A padded axis: the input's size, and the padding on both sides; none negative. The innermost (last) axis
 * is in bytes, in multiples of `element`. */
#define NN_PAD_AXES 5
typedef struct {
  int32_t before, size, after;
} nn_pad_axis;
typedef struct {
  int32_t element;               /* bytes of an element: 1, 2 or 4 */
  int32_t value;                 /* the padding, in the low bytes */
  nn_pad_axis axis[NN_PAD_AXES]; /* innermost last; unused ones have size 1 */
} nn_pad_params;

/* PAD and PADV2. Input and output are aligned to the size of an element. */
nn_status nn_pad(nn_context *ctx, const nn_pad_params *params, const void *input, void *output);

/* MINIMUM and MAXIMUM of the integers: assumes equal quantisation of inputs and output. */
nn_status nn_minimum_s8(nn_context *ctx, const nn_broadcast *shape, const int8_t *input1,
                        const int8_t *input2, int8_t *output);
nn_status nn_maximum_s8(nn_context *ctx, const nn_broadcast *shape, const int8_t *input1,
                        const int8_t *input2, int8_t *output);

/* Any of these on unquantised int32. Results wrap. */
typedef enum { NN_ADD, NN_SUB, NN_MUL, NN_MINIMUM, NN_MAXIMUM } nn_operation;
nn_status nn_elementwise_s32(nn_context *ctx, nn_operation operation, const nn_broadcast *shape,
                             const int32_t *input1, const int32_t *input2, int32_t *output);

/* PRELU. */
nn_status nn_prelu_s8(nn_context *ctx, const nn_prelu_params *params, const nn_broadcast *shape,
                      const int8_t *input, const int8_t *slope, int8_t *output);

/* A function of one value: output = table[128 + input]. */
nn_status nn_lookup_s8(nn_context *ctx, const int8_t *table, int32_t size, const int8_t *input,
                       int8_t *output);

/* QUANTIZE and DEQUANTIZE: input / scale + zero_point, scale * (input - zero_point). scale > 0. */
nn_status nn_quantize_f32(nn_context *ctx, float scale, int32_t zero_point, int32_t size,
                          const float *input, int8_t *output);
nn_status nn_dequantize(nn_context *ctx, nn_type type, float scale, int32_t zero_point,
                        int32_t size, const void *input, float *output);

/* NEG: -input. */
nn_status nn_neg_f32(nn_context *ctx, int32_t size, const float *input, float *output);

/* QUANTIZE from integers to integers. If both have 8 bits, the output may be the input. */
nn_status nn_convert(nn_context *ctx, const nn_convert_params *params, int32_t size,
                     const void *input, void *output);

/* LOGISTIC and TANH; RELU, RELU6, LEAKY_RELU, ABS. */
nn_status nn_sigmoid_s8(nn_context *ctx, const nn_sigmoid_params *params, int32_t size,
                        const int8_t *input, int8_t *output);
nn_status nn_rescale_s8(nn_context *ctx, const nn_rescale_params *params, int32_t size,
                        const int8_t *input, int8_t *output);

/* HARD_SWISH. */
nn_status nn_hard_swish_s8(nn_context *ctx, const nn_hard_swish_params *params, int32_t size,
                           const int8_t *input, int8_t *output);

/* RESIZE_NEAREST_NEIGHBOR: the input row for every output row, and likewise for columns; c of the dims is
 * the size of a pixel in bytes. */
typedef struct {
  const uint16_t *rows, *columns;
} nn_resize_nearest_params;
nn_status nn_resize_nearest(nn_context *ctx, const nn_resize_nearest_params *params,
                            const nn_dims *input_dims, const void *input,
                            const nn_dims *output_dims, void *output);

/* RESIZE_BILINEAR. scale is input size / output size in Q10, at least 0; pixel centres are at half-integers
 * if half_pixel is 1, at integers if 0. Sizes are below 2^20. */
typedef struct {
  nn_size scale;
  int32_t half_pixel;
} nn_resize_bilinear_params;
nn_status nn_resize_bilinear_s8(nn_context *ctx, const nn_resize_bilinear_params *params,
                                const nn_dims *input_dims, const int8_t *input,
                                const nn_dims *output_dims, int8_t *output);

/* Prepare. What depends on the model alone is computed once, when the model is prepared, and kept in memory of
 * the layer's own. A design defines these functions; the plain kernels have none.
 *
 * <kernel>_prepare is called with ctx->persistent == NULL, and sets ctx->persistent_size to the bytes that it
 * wants; if it wants any, it is called again, with the memory, zeroed, to fill it. The kernel then gets the
 * memory in its context, to read: it must not write there. A status other than NN_OK refuses the model.
 * If what it filled is all that the layer needs, besides addresses, it sets ctx->compute and names itself with
 * NN_RAN(ctx): that function is then called in place of the kernel, which saves its arguments and checks.
 * There is no scratch memory, and no CFU if only the memory is planned: its instructions then return 0.
 *
 * The arguments are the kernel's, without the inputs and outputs, whose addresses are not known yet. They are
 * valid during the call; constants of the model and the members of `quant` stay where they are. */

/* What such kernels have written is about to be read by the CPU: by a layer without ctx->compute, or after the
 * last layer. A design whose CFU writes memory empties the data cache here; the plain kernels do nothing. */
void nn_hand_over(void);

/* filter is NULL if it or the bias is not a constant; otherwise, bias is NULL only if there is none. */
nn_status nn_conv_s8_prepare(nn_context *ctx, const nn_conv_params *params,
                             const nn_channel_quant *quant, const nn_dims *input_dims,
                             const nn_dims *filter_dims, const int8_t *filter, const int32_t *bias,
                             const nn_dims *output_dims);
nn_status nn_depthwise_conv_s8_prepare(nn_context *ctx, const nn_dw_conv_params *params,
                                       const nn_channel_quant *quant, const nn_dims *input_dims,
                                       const nn_dims *filter_dims, const int8_t *filter,
                                       const int32_t *bias, const nn_dims *output_dims);
nn_status nn_transpose_conv_s8_prepare(nn_context *ctx, const nn_transpose_conv_params *params,
                                       const nn_channel_quant *quant, const nn_dims *input_dims,
                                       const nn_dims *filter_dims, const int8_t *filter,
                                       const int32_t *bias, const nn_dims *output_dims);
nn_status nn_fully_connected_s8_prepare(nn_context *ctx, const nn_fc_params *params,
                                        const nn_channel_quant *quant, const nn_dims *input_dims,
                                        const nn_dims *filter_dims, const int8_t *filter,
                                        const int32_t *bias, const nn_dims *output_dims);

/* The feature weights, or the gates, are NULL unless they and all the others are constants. */
nn_status nn_svdf_state8_s8_prepare(nn_context *ctx, const nn_svdf_params *params,
                                    const int8_t *feature_weights, const int8_t *time_weights,
                                    const int32_t *bias);
nn_status nn_svdf_state16_s8_prepare(nn_context *ctx, const nn_svdf_params *params,
                                     const int8_t *feature_weights, const int16_t *time_weights,
                                     const int32_t *bias);
nn_status nn_lstm_s8_prepare(nn_context *ctx, const nn_lstm_params *params,
                             const nn_lstm_gate *gates);

nn_status nn_average_pool_s8_prepare(nn_context *ctx, const nn_pool_params *params,
                                     const nn_dims *input_dims, const nn_dims *output_dims);
nn_status nn_max_pool_s8_prepare(nn_context *ctx, const nn_pool_params *params,
                                 const nn_dims *input_dims, const nn_dims *output_dims);
nn_status nn_reduce_sum_s8_prepare(nn_context *ctx, const nn_reduce_sum_params *params,
                                   const nn_reduction *reduction);

/* An input is NULL if it is not a constant. */
nn_status nn_add_s8_prepare(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2);
nn_status nn_sub_s8_prepare(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2);
nn_status nn_mul_s8_prepare(nn_context *ctx, const nn_mul_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2);

nn_status nn_move_prepare(nn_context *ctx, const nn_move_params *params);
nn_status nn_pad_prepare(nn_context *ctx, const nn_pad_params *params); /* if the value is known */

/* Functions of one value (also ADD and so on with an input that is a single value) are computed by nn_lookup_s8
 * if they have many values. Then it is nn_lookup_s8_prepare that is called, provided that the table is known,
 * and the table is made only once; the operator's own kernel, which makes it, has nothing persistent. */
nn_status nn_lookup_s8_prepare(nn_context *ctx, const int8_t *table, int32_t size);
nn_status nn_sigmoid_s8_prepare(nn_context *ctx, const nn_sigmoid_params *params, int32_t size);
nn_status nn_rescale_s8_prepare(nn_context *ctx, const nn_rescale_params *params, int32_t size);
nn_status nn_hard_swish_s8_prepare(nn_context *ctx, const nn_hard_swish_params *params,
                                   int32_t size);
nn_status nn_convert_prepare(nn_context *ctx, const nn_convert_params *params, int32_t size);

/* The plain kernels, under the names that they have if a design replaces them. */
extern __typeof__(nn_conv_s8_scratch_size) nn_conv_s8_reference_scratch_size;
extern __typeof__(nn_conv_s8) nn_conv_s8_reference;
extern __typeof__(nn_depthwise_conv_s8_scratch_size) nn_depthwise_conv_s8_reference_scratch_size;
extern __typeof__(nn_depthwise_conv_s8) nn_depthwise_conv_s8_reference;
extern __typeof__(nn_fully_connected_s8_scratch_size) nn_fully_connected_s8_reference_scratch_size;
extern __typeof__(nn_fully_connected_s8) nn_fully_connected_s8_reference;
extern __typeof__(nn_transpose_conv_s8_scratch_size) nn_transpose_conv_s8_reference_scratch_size;
extern __typeof__(nn_transpose_conv_s8) nn_transpose_conv_s8_reference;
extern __typeof__(nn_average_pool_s8) nn_average_pool_s8_reference;
extern __typeof__(nn_max_pool_s8) nn_max_pool_s8_reference;
extern __typeof__(nn_reduce_sum_s8) nn_reduce_sum_s8_reference;
extern __typeof__(nn_reduce_max_s8) nn_reduce_max_s8_reference;
extern __typeof__(nn_arg_max_s8) nn_arg_max_s8_reference;
extern __typeof__(nn_arg_min_s8) nn_arg_min_s8_reference;
extern __typeof__(nn_svdf_state8_s8_scratch_size) nn_svdf_state8_s8_reference_scratch_size;
extern __typeof__(nn_svdf_state8_s8) nn_svdf_state8_s8_reference;
extern __typeof__(nn_svdf_state16_s8_scratch_size) nn_svdf_state16_s8_reference_scratch_size;
extern __typeof__(nn_svdf_state16_s8) nn_svdf_state16_s8_reference;
extern __typeof__(nn_softmax_s8) nn_softmax_s8_reference;
extern __typeof__(nn_softmax_s8_s16) nn_softmax_s8_s16_reference;
extern __typeof__(nn_move) nn_move_reference;
extern __typeof__(nn_pad) nn_pad_reference;
extern __typeof__(nn_resize_nearest) nn_resize_nearest_reference;
extern __typeof__(nn_resize_bilinear_s8) nn_resize_bilinear_s8_reference;
extern __typeof__(nn_add_s8) nn_add_s8_reference;
extern __typeof__(nn_sub_s8) nn_sub_s8_reference;
extern __typeof__(nn_mul_s8) nn_mul_s8_reference;
extern __typeof__(nn_minimum_s8) nn_minimum_s8_reference;
extern __typeof__(nn_maximum_s8) nn_maximum_s8_reference;
extern __typeof__(nn_elementwise_s32) nn_elementwise_s32_reference;
extern __typeof__(nn_prelu_s8) nn_prelu_s8_reference;
extern __typeof__(nn_lookup_s8) nn_lookup_s8_reference;
extern __typeof__(nn_sigmoid_s8) nn_sigmoid_s8_reference;
extern __typeof__(nn_rescale_s8) nn_rescale_s8_reference;
extern __typeof__(nn_hard_swish_s8) nn_hard_swish_s8_reference;
extern __typeof__(nn_lstm_s8_scratch_size) nn_lstm_s8_reference_scratch_size;
extern __typeof__(nn_lstm_s8) nn_lstm_s8_reference;
extern __typeof__(nn_quantize_f32) nn_quantize_f32_reference;
extern __typeof__(nn_dequantize) nn_dequantize_reference;
extern __typeof__(nn_neg_f32) nn_neg_f32_reference;
extern __typeof__(nn_convert) nn_convert_reference;

#ifdef __cplusplus
}
#endif
#endif
