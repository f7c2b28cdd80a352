/* CONV_2D that keeps `bias - zero point * sum` of each filter, with a fault: FAULT, 0 for none. */
#include "nn.h"
#include "requantise.h"

#ifndef FAULT
#define FAULT 0
#endif

nn_status nn_conv_s8_prepare(nn_context *ctx, const nn_conv_params *params,
                             const nn_channel_quant *quant, const nn_dims *input_dims,
                             const nn_dims *filter_dims, const int8_t *filter, const int32_t *bias,
                             const nn_dims *output_dims) {
  (void)quant;
  if (!filter || input_dims->c != filter_dims->c) return NN_OK;
  if (!ctx->persistent) {
    ctx->persistent_size = output_dims->c * (int32_t)sizeof(int32_t);
#if FAULT == 2
    ctx->persistent_size = 1 << 30;
#elif FAULT == 4
    ctx->persistent_size = -4;
#endif
    return NN_OK;
  }
#if FAULT == 1
  return NN_UNSUPPORTED;
#endif
  int32_t *folded = ctx->persistent;
  const int32_t terms = filter_dims->h * filter_dims->w * filter_dims->c;
  for (int32_t channel = 0; channel < output_dims->c; ++channel) {
    folded[channel] += bias ? bias[channel] : 0; /* it was 0 */
    for (int32_t i = 0; i < terms; ++i) folded[channel] += params->input_offset * *filter++;
  }
  return NN_OK;
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  const int32_t *folded = ctx->persistent;
  if (!folded)
    return nn_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims, filter, bias,
                                output_dims, output);
  if (ctx->persistent_size != output_dims->c * (int32_t)sizeof(int32_t)) return NN_UNSUPPORTED;
  NN_RAN(ctx, "conv_s8");
#if FAULT == 3
  if (filter_dims->h == 1) ((int32_t *)ctx->persistent)[1] += 1;
#endif
  const int32_t channels = input_dims->c;
  for (int32_t n = 0; n < output_dims->n; ++n)
    for (int32_t y = 0; y < output_dims->h; ++y)
      for (int32_t x = 0; x < output_dims->w; ++x)
        for (int32_t o = 0; o < output_dims->c; ++o) {
          const int8_t *weight = filter + o * filter_dims->h * filter_dims->w * channels;
          int32_t sum = folded[o];
          for (int32_t ky = 0; ky < filter_dims->h; ++ky)
            for (int32_t kx = 0; kx < filter_dims->w; ++kx, weight += channels) {
              const int32_t row = y * params->stride.h - params->padding.h + ky * params->dilation.h;
              const int32_t column =
                  x * params->stride.w - params->padding.w + kx * params->dilation.w;
              const int inside =
                  row >= 0 && row < input_dims->h && column >= 0 && column < input_dims->w;
              const int8_t *value =
                  input + ((n * input_dims->h + row) * input_dims->w + column) * channels;
              for (int32_t i = 0; i < channels; ++i)
                sum += weight[i] * (inside ? value[i] : -params->input_offset);
            }
          *output++ = nn_requantise(sum, quant->multiplier[o], quant->shift[o],
                                    params->output_offset, params->activation);
        }
  return NN_OK;
}
