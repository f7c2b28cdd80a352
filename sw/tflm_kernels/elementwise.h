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

/* ADD, SUB and MUL: all but the parameters. */
template <typename Data, typename Params, auto kPrepare, auto kKernel, TFLMRegistration (*kTflm)()>
struct Elementwise {
  using OpData = Data;
  static TFLMRegistration Tflm() { return kTflm(); }

  Params params;
  nn_broadcast_axis axis;

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

/* ADD and SUB, whose data in TFLM have the same members. */
template <typename Data, auto kPrepare, auto kKernel, TFLMRegistration (*kTflm)()>
struct Sum : Elementwise<Data, nn_add_params, kPrepare, kKernel, kTflm> {
  bool Take(TfLiteContext *, const TfLiteNode *, const Tensors &tensors, const Data &data) {
    this->params = {data.input1_offset,
                    data.input2_offset,
                    data.output_offset,
                    {data.input1_multiplier, data.input1_shift},
                    {data.input2_multiplier, data.input2_shift},
                    {data.output_multiplier, data.output_shift},
                    {data.output_activation_min, data.output_activation_max}};
    return tensors.AreInt8(true) && OneAxis(tensors, &this->axis);
  }
};

}  // namespace cfuforge
#endif
