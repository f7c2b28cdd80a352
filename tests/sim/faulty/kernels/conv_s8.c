#include "cfu.h"
#include "nn.h"

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
#if CFU_FAULT == 7
  *(volatile int32_t *)1 = 0;
#endif
  return nn_conv_s8_reference_scratch_size(params, input_dims, filter_dims, output_dims);
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
#if CFU_FAULT == 13
  const int32_t answer = cfu_work(2, 5);
#else
  if (cfu_work(2, 5) != 5) return NN_UNSUPPORTED;
#endif
#if CFU_FAULT == 2
  *(volatile int32_t *)1 = 0;
#elif CFU_FAULT == 3
  __asm__ volatile(".word 0xffffffff");
#elif CFU_FAULT == 4
  for (;;) __asm__ volatile("");
#endif
  const nn_status status = nn_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims,
                                                filter, bias, output_dims, output);
#if CFU_FAULT == 6
  if (filter_dims->h == 1) {
    NN_RAN(ctx, "conv_s8");
    output[70] ^= 1;
  }
#elif CFU_FAULT == 8
  output[output_dims->h * output_dims->w * output_dims->c + 8] = 1;
#elif CFU_FAULT == 9
  ((int8_t *)input)[3] = 1;
#elif CFU_FAULT == 10
  ((volatile int8_t *)filter)[0] = filter[0]; /* the same value */
#elif CFU_FAULT == 11
  ((volatile uint32_t *)(uintptr_t)&nn_conv_s8)[0] = ((volatile uint32_t *)(uintptr_t)&nn_conv_s8)[0];
#elif CFU_FAULT == 12
  output[1 << 20] = 1;
#elif CFU_FAULT == 15
  (void)((const volatile int8_t *)input)[1 << 20];
#elif CFU_FAULT == 16
  (void)((const volatile int8_t *)input)[input_dims->h * input_dims->w * input_dims->c];
#elif CFU_FAULT == 22
  if (filter_dims->h == 1) /* its output lies behind its input */
    (void)((const volatile int8_t *)input)[input_dims->h * input_dims->w * input_dims->c + 64];
#elif CFU_FAULT == 17
  for (int at = 0; at < 8192; ++at) (void)((const volatile int8_t *)filter)[at];
#elif CFU_FAULT == 18
  static volatile int8_t own[10];
  own[10 + output_dims->c % 2] = 1;
#elif CFU_FAULT == 19
  __builtin_memmove(output, input, output_dims->h * output_dims->w * output_dims->c + 1);
#elif CFU_FAULT == 14
  extern volatile struct mailbox {
    uint32_t before[15], layer_count;
  } mailbox;
  mailbox.layer_count = 9;
#elif CFU_FAULT == 13
  output[70] ^= answer ^ 5;
#endif
  return status;
}
