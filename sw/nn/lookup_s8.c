/* Any function of one int8 value, by a table of its 256 results.
 *
 * Always returns NN_OK.
 */
#include "blocking.h"
#include "nn.h"

#define BLOCK 8 /* loaded at once */

nn_status nn_lookup_s8(nn_context *ctx, const int8_t *table, int32_t size, const int8_t *input,
                       int8_t *output) {
  const int8_t *of_zero = table + 128;
  NN_RAN(ctx, "lookup_s8");
  for (; size >= BLOCK; size -= BLOCK, input += BLOCK, output += BLOCK) {
    int32_t value[BLOCK];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i) value[i] = input[i];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i) value[i] = of_zero[value[i]];
    NN_UNROLL for (int i = 0; i < BLOCK; ++i) output[i] = (int8_t)value[i];
  }
  for (int32_t i = 0; i < size; ++i) output[i] = of_zero[input[i]];
  return NN_OK;
}
