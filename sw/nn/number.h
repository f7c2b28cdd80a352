/* Integers whose type is known only when the kernel runs.
 *
 * nn_get, nn_put      element i of an array.
 */
#ifndef CFUFORGE_NN_NUMBER_H
#define CFUFORGE_NN_NUMBER_H

#include "nn.h"

static inline int32_t nn_get(nn_type type, const void *array, int32_t i) {
  switch (type) {
    case NN_INT8:
      return ((const int8_t *)array)[i];
    case NN_UINT8:
      return ((const uint8_t *)array)[i];
    case NN_INT16:
      return ((const int16_t *)array)[i];
    default:
      return ((const int32_t *)array)[i];
  }
}

static inline void nn_put(nn_type type, void *array, int32_t i, int32_t value) {
  switch (type) {
    case NN_INT8:
    case NN_UINT8:
      ((uint8_t *)array)[i] = (uint8_t)value;
      break;
    case NN_INT16:
      ((int16_t *)array)[i] = (int16_t)value;
      break;
    default:
      ((int32_t *)array)[i] = value;
  }
}

#endif
