/* ADD, SUB, MUL, MAXIMUM or MINIMUM on unquantised int32, with broadcasting. Results wrap.
 *
 * Always returns NN_OK.
 */
#include "nn.h"

static int32_t compute(nn_operation operation, int32_t x, int32_t y) {
  switch (operation) {
    case NN_ADD:
      return (int32_t)((uint32_t)x + (uint32_t)y);
    case NN_SUB:
      return (int32_t)((uint32_t)x - (uint32_t)y);
    case NN_MUL:
      return (int32_t)((uint32_t)x * (uint32_t)y);
    case NN_MAXIMUM:
      return x > y ? x : y;
    default:
      return x < y ? x : y;
  }
}

nn_status nn_elementwise_s32(nn_context *ctx, nn_operation operation, const nn_broadcast *shape,
                             const int32_t *input1, const int32_t *input2, int32_t *output) {
  int32_t done[NN_MAX_RANK] = {0}, axis;
  NN_RAN(ctx, "elementwise_s32");
  do {
    *output++ = compute(operation, *input1, *input2);
    for (axis = shape->rank - 1; axis >= 0; --axis) {
      const nn_broadcast_axis *a = shape->axes + axis;
      input1 += a->step1;
      input2 += a->step2;
      if (++done[axis] < a->size) break;
      done[axis] = 0;
      input1 -= a->size * a->step1;
      input2 -= a->size * a->step2;
    }
  } while (axis >= 0);
  return NN_OK;
}
