/* Shared by CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: all but the choice of layers. */
#ifndef CFUFORGE_WEIGHTED_H
#define CFUFORGE_WEIGHTED_H

#include "wrap.h"

namespace cfuforge {

template <typename Data, typename Params, auto kScratchSize, auto kPrepare, auto kKernel,
          TFLMRegistration (*kTflm)()>
struct Weighted {
  using OpData = Data;
  static TFLMRegistration Tflm() { return kTflm(); }

  Params params;
  nn_channel_quant quant;
  nn_dims input, filter, output;

  int32_t Scratch() const { return kScratchSize(&params, &input, &filter, &output); }
  nn_status Keep(nn_context *kernel, const Constants &constants) const {
    return kPrepare(kernel, &params, &quant, &input, &filter, constants.filter, constants.bias,
                    &output);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    return kKernel(kernel, &params, &quant, &input, tensors.input->data.int8, &filter,
                   tensors.filter->data.int8, tensors.bias ? tensors.bias->data.i32 : nullptr,
                   &output, tensors.output->data.int8);
  }
};

}  // namespace cfuforge
#endif
