/* Shared by ADD, SUB and MUL: how their inputs are broadcast. */
#ifndef CFUFORGE_ELEMENTWISE_H
#define CFUFORGE_ELEMENTWISE_H

#include "wrap.h"

namespace cfuforge {

/* Inputs of the same shape, or one of them a single value: one axis of all elements. Any other broadcast
 * returns false, and is left to TFLM's kernel. */
inline bool OneAxis(const Tensors &tensors, nn_broadcast_axis *axis) {
  const int32_t size1 = Tensors::Elements(tensors.input);
  const int32_t size2 = Tensors::Elements(tensors.filter);
  const int32_t size = Tensors::Elements(tensors.output);
  *axis = {size, size1 != 1, size2 != 1};
  return tflite::micro::HaveSameShapes(tensors.input, tensors.filter) ||
         (size1 == 1 && size2 == size) || (size2 == 1 && size1 == size);
}

/* ADD and SUB, whose data in TFLM have the same members. */
template <typename Data, decltype(nn_add_s8) *kKernel, decltype(nn_add_s8_prepare) *kPrepare,
          TFLMRegistration (*kTflm)()>
struct Sum {
  using Reference = Data;
  static TFLMRegistration Tflm() { return kTflm(); }

  nn_add_params params;
  nn_broadcast_axis axis;

  bool Take(TfLiteContext *, const TfLiteNode *, const Tensors &tensors,
            const Reference &reference) {
    params = {reference.input1_offset,
              reference.input2_offset,
              reference.output_offset,
              {reference.input1_multiplier, reference.input1_shift},
              {reference.input2_multiplier, reference.input2_shift},
              {reference.output_multiplier, reference.output_shift},
              {reference.output_activation_min, reference.output_activation_max}};
    return tensors.AreInt8(true) && OneAxis(tensors, &axis);
  }
  int32_t Scratch() const { return 0; }
  nn_status Keep(nn_context *kernel, const Constants &constants) const {
    const nn_broadcast shape = {1, &axis};
    return kPrepare(kernel, &params, &shape, constants.input, constants.filter);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    const nn_broadcast shape = {1, &axis};
    return kKernel(kernel, &params, &shape, tensors.input->data.int8, tensors.filter->data.int8,
                   tensors.output->data.int8);
  }
};

}  // namespace cfuforge
#endif
