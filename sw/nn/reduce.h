/* The loops of a reduction over its input.
 *
 * nn_reduce           for every output: `combine` of all inputs that fall into it, from `start` on,
 *                     then `finish` to an int8. Both are inlined. Where the innermost kept axis is
 *                     the innermost of all, eight outputs at a time: memory is read in runs.
 */
#ifndef CFUFORGE_NN_REDUCE_H
#define CFUFORGE_NN_REDUCE_H

#include "blocking.h"
#include "nn.h"

#define NN_REDUCE_OUTPUTS 8

typedef int32_t nn_combine(int32_t so_far, int32_t value);
typedef int8_t nn_finish(const void *params, int32_t combined);

/* `outputs` adjacent outputs, whose first inputs are adjacent too. */
NN_INLINE void nn_reduce_block(int outputs, const nn_reduction_axis *reduced, nn_combine *combine,
                               int32_t start, nn_finish *finish, const void *params,
                               const int8_t *input, int8_t *output) {
  int32_t result[NN_REDUCE_OUTPUTS];
  NN_UNROLL for (int i = 0; i < outputs; ++i) result[i] = start;
  for (int32_t a = 0; a < reduced[0].size; ++a) {
    for (int32_t b = 0; b < reduced[1].size; ++b) {
      for (int32_t c = 0; c < reduced[2].size; ++c) {
        const int8_t *x =
            input + a * reduced[0].stride + b * reduced[1].stride + c * reduced[2].stride;
        for (int32_t d = reduced[3].size; d > 0; --d, x += reduced[3].stride) {
          NN_UNROLL for (int i = 0; i < outputs; ++i) result[i] = combine(result[i], x[i]);
        }
      }
    }
  }
  NN_UNROLL for (int i = 0; i < outputs; ++i) output[i] = finish(params, result[i]);
}

NN_INLINE void nn_reduce(const nn_reduction *reduction, nn_combine *combine, int32_t start,
                         nn_finish *finish, const void *params, const int8_t *input,
                         int8_t *output) {
  const nn_reduction_axis *const kept = reduction->kept, *const reduced = reduction->reduced;
  for (int32_t a = 0; a < kept[0].size; ++a) {
    for (int32_t b = 0; b < kept[1].size; ++b) {
      for (int32_t c = 0; c < kept[2].size; ++c) {
        const int8_t *x = input + a * kept[0].stride + b * kept[1].stride + c * kept[2].stride;
        int32_t left = kept[3].size;
        for (; kept[3].stride == 1 && left >= NN_REDUCE_OUTPUTS; left -= NN_REDUCE_OUTPUTS) {
          nn_reduce_block(NN_REDUCE_OUTPUTS, reduced, combine, start, finish, params, x, output);
          x += NN_REDUCE_OUTPUTS;
          output += NN_REDUCE_OUTPUTS;
        }
        for (; left > 0; --left, x += kept[3].stride)
          nn_reduce_block(1, reduced, combine, start, finish, params, x, output++);
      }
    }
  }
}

#endif
