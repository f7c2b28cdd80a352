/* Two inputs of different shapes, row by row.
 *
 * nn_for_rows         calls `compute` for each run of outputs along the innermost axis. There, input
 *                     k advances by step k of that axis, 0 or 1 value for each output.
 * nn_for_blocks       calls `block` for the outputs of a row, NN_BLOCK or 1 at a time, with the
 *                     values of both inputs. It is inlined. All it reads is read before it writes.
 * nn_for_pairs        the outputs of a row as results of `function`, which is inlined.
 */
#ifndef CFUFORGE_NN_BROADCAST_H
#define CFUFORGE_NN_BROADCAST_H

#include <stddef.h>

#include "rescale.h"

/* Values of the first input to copy before the second is read: otherwise each would evict the other from a
 * direct-mapped cache if they are a multiple of its size apart. */
#define NN_CHUNK 128
#define NN_WORTH_A_COPY 32 /* values */

typedef struct {
  const int8_t *input1, *input2;
  int32_t step1, step2, size;
  int8_t *output;
} nn_row;

typedef void nn_block(int size, const void *constants, const int8_t *x, const int8_t *y,
                      int8_t *output);

NN_INLINE void nn_for_rows(const nn_broadcast *shape, const int8_t *input1, const int8_t *input2,
                           int8_t *output, const void *params,
                           void (*compute)(const void *params, const nn_row *row)) {
  const int32_t innermost = shape->rank - 1;
  const nn_broadcast_axis *axes = shape->axes, *inner = axes + innermost;
  nn_row row = {input1, input2, inner->step1, inner->step2, inner->size, output};
  int32_t done[NN_MAX_RANK] = {0}, axis;
  do {
    compute(params, &row);
    row.output += row.size;
    for (axis = innermost - 1; axis >= 0; --axis) {
      const nn_broadcast_axis *a = axes + axis;
      row.input1 += a->step1;
      row.input2 += a->step2;
      if (++done[axis] < a->size) break;
      done[axis] = 0;
      row.input1 -= a->size * a->step1;
      row.input2 -= a->size * a->step2;
    }
  } while (axis >= 0);
}

NN_INLINE void nn_for_blocks(const nn_row *row, nn_block *block, const void *constants) {
  const int32_t step1 = row->step1, step2 = row->step2;
  const int direct = step1 && row->size < NN_WORTH_A_COPY, copied = step1 && !direct;
  int8_t chunk[NN_CHUNK], same[NN_BLOCK];
  const int8_t *input1 = row->input1, *y = step2 ? row->input2 : same;
  int8_t *output = row->output;
  if (!step1) __builtin_memset(chunk, *input1, sizeof chunk);
  if (!step2) __builtin_memset(same, *row->input2, sizeof same);
  for (int32_t left = row->size; left > 0; left -= NN_CHUNK) {
    const int32_t size = left < NN_CHUNK ? left : NN_CHUNK;
    const int8_t *x = direct ? input1 : chunk;
    if (copied) __builtin_memcpy(chunk, input1, (size_t)size);
    input1 += size;
    for (int32_t n = size / NN_BLOCK; n > 0; --n) {
      block(NN_BLOCK, constants, x, y, output);
      x += NN_BLOCK;
      y += step2 * NN_BLOCK;
      output += NN_BLOCK;
    }
    for (int32_t n = size % NN_BLOCK; n > 0; --n, ++x, y += step2, ++output)
      block(1, constants, x, y, output);
  }
}

typedef int8_t nn_pair(int8_t x, int8_t y);

NN_INLINE void nn_pairs(int size, const void *function, const int8_t *x, const int8_t *y,
                        int8_t *output) {
  nn_pair *const of = *(nn_pair *const *)function;
  int8_t a[NN_BLOCK], b[NN_BLOCK];
  NN_UNROLL for (int i = 0; i < size; ++i) a[i] = x[i];
  NN_UNROLL for (int i = 0; i < size; ++i) b[i] = y[i];
  NN_UNROLL for (int i = 0; i < size; ++i) output[i] = of(a[i], b[i]);
}

NN_INLINE void nn_for_pairs(const nn_row *row, nn_pair *function) {
  nn_for_blocks(row, nn_pairs, &function);
}

#endif
