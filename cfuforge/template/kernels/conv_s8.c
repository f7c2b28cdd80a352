/* CONV_2D with the CFU: takes the place of the plain kernel of the same file name.
 *
 * 1x1 filters of stride 1 over channels in words of four run on the CFU; everything else is passed on
 * to the plain kernel, and the table says so.
 */
#include "cfu.h"
#include "nn.h"
#include "requantise.h"

static int on_cfu(const nn_conv_params *params, const nn_dims *input, const nn_dims *filter,
                  const void *x, const void *w) {
  return filter->h == 1 && filter->w == 1 && params->stride.h == 1 && params->stride.w == 1 &&
         params->padding.h == 0 && params->padding.w == 0 && input->c == filter->c &&
         input->c % 4 == 0 && (((uintptr_t)x | (uintptr_t)w) & 3) == 0;
}

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
  return nn_conv_s8_reference_scratch_size(params, input_dims, filter_dims, output_dims);
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  if (!on_cfu(params, input_dims, filter_dims, input, filter)) {
    return nn_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims, filter, bias,
                                output_dims, output);
  }
  NN_RAN(ctx, "conv_s8");
  const int32_t words = input_dims->c / 4, channels = output_dims->c;
  const int32_t pixels = output_dims->n * output_dims->h * output_dims->w;
  const uint32_t *x = (const uint32_t *)input;
  for (int32_t pixel = 0; pixel < pixels; ++pixel, x += words) {
    const uint32_t *w = (const uint32_t *)filter;
    for (int32_t channel = 0; channel < channels; ++channel, w += words) {
      int32_t sum = bias ? bias[channel] : 0;
      cfu_start(params->input_offset, sum);
      for (int32_t i = 0; i < words; ++i) sum = cfu_dot(x[i], w[i]);
      *output++ = nn_requantise(sum, quant->multiplier[channel], quant->shift[channel],
                                params->output_offset, params->activation);
    }
  }
  return NN_OK;
}
