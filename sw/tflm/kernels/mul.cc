/* MUL over nn_mul_s8, or nn_elementwise_s32. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data : BinaryData {
  nn_mul_params params;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<MulOptions>(context, node);
  if (!options) return kTfLiteError;
  if (IsInt32(context, node))
    return PrepareInt32(context, node, options->fused_activation_function());
  OperatorTensors tensors;
  Data *data = PrepareBinary<Data>(context, node, &tensors, IsFactor);
  if (!data) return kTfLiteError;
  const double product =
      double(tensors.input->params.scale) * double(tensors.filter->params.scale);
  data->params.input1_offset = -tensors.input->params.zero_point;
  data->params.input2_offset = -tensors.filter->params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  data->params.output = QuantizeMultiplier(product / double(tensors.output->params.scale));
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options->fused_activation_function(),
                                        tensors.output, &data->params.activation));
  return PrepareBinaryKernel<Compute<Data, nn_mul_s8>, CallPrepare<Data, nn_mul_s8_prepare>>(
      context, node);
}

}  // namespace

TFLMRegistration Register_MUL() {
  return {nullptr,
          nullptr,
          Prepare,
          EvalBinary<Compute<Data, nn_mul_s8>, NN_MUL>,
          BuiltinOperator_MUL,
          nullptr};
}

}  // namespace tflite
