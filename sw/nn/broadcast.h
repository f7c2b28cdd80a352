/* Two inputs of different shapes, row by row.
 *
 * nn_for_rows         calls `row` for each run of outputs along the innermost axis. There, input k
 *                     advances by step k of that axis, 0 or 1 value for each output.
 */
#ifndef CFUFORGE_NN_BROADCAST_H
#define CFUFORGE_NN_BROADCAST_H

#include "blocking.h"
#include "nn.h"

typedef struct {
  const int8_t *input1, *input2;
  int32_t step1, step2, size;
  int8_t *output;
} nn_row;

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

#endif
