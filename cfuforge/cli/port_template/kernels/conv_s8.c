/* CONV_2D on a copy of its input that the CFU makes in scratch memory, by the plain kernel: how a kernel and
 * a CFU with a memory port of its own share memory. It takes the place of the plain kernel of that name.
 */
#include "cfu.h"
#include "memory_port.h"
#include "nn.h"

#define BEAT 8    /* bytes that the CFU moves at a time */
#define MOST 4096 /* words of a copy */

static int32_t bytes(const nn_dims *input) {
  return (input->n * input->h * input->w * input->c + 15) & ~15;
}

/* The CFU sees what the CPU has stored, but the CPU may have old values of `to` in its data cache. */
static void copy(int8_t *to, const int8_t *from, int32_t size) {
  int32_t words = (size + 3) / 4;
  for (; words > 0; words -= MOST, to += 4 * MOST, from += 4 * MOST) {
    cfu_source(nn_address(from));
    cfu_copy(nn_address(to), words < MOST ? words : MOST);
  }
  nn_flush_data_cache();
}

int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *input_dims,
                                const nn_dims *filter_dims, const nn_dims *output_dims) {
  return bytes(input_dims) +
         nn_conv_s8_reference_scratch_size(params, input_dims, filter_dims, output_dims);
}

nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *input_dims, const int8_t *input, const nn_dims *filter_dims,
                     const int8_t *filter, const int32_t *bias, const nn_dims *output_dims,
                     int8_t *output) {
  int8_t *const here = ctx->scratch;
  const int32_t size = input_dims->n * input_dims->h * input_dims->w * input_dims->c;
  if (nn_address(input) % BEAT) {
    return nn_conv_s8_reference(ctx, params, quant, input_dims, input, filter_dims, filter, bias,
                                output_dims, output);
  }
  copy(here, input, size);
  ctx->scratch = here + bytes(input_dims);
  ctx->scratch_size -= bytes(input_dims);
  const nn_status status = nn_conv_s8_reference(ctx, params, quant, input_dims, here, filter_dims,
                                                filter, bias, output_dims, output);
  NN_RAN(ctx, "conv_s8");
  return status;
}
