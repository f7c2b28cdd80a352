/* QUANTIZE over nn_quantize_f32, or from integers to integers over nn_convert. */
#include "float_tensors.h"
#include "lookup.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

using IntegerData = UnaryData<nn_convert_params>;

/* As in TFLM. */
bool IsSupported(nn_type from, nn_type to) {
  switch (from) {
    case NN_INT8:
      return true;
    case NN_UINT8:
      return to == NN_INT8;
    case NN_INT16:
      return to != NN_UINT8;
    default:
      return to == NN_INT8 || to == NN_INT16;
  }
}

/* Whether it is a function of one byte. */
bool IsOfOneByte(const nn_convert_params &params) {
  return params.from <= NN_UINT8 && params.to <= NN_UINT8;
}

nn_status Convert(nn_context *kernel, const void *params, int32_t size, const int8_t *input,
                  int8_t *output) {
  return nn_convert(kernel, static_cast<const nn_convert_params *>(params), size, input, output);
}

TfLiteStatus KeepIntegers(TfLiteContext *context, TfLiteNode *node, const OperatorTensors &tensors,
                          nn_type from, nn_type to, int32_t size) {
  IntegerData *data = NewData<IntegerData>(context, node);
  if (!data) return kTfLiteError;
  const TfLiteQuantizationParams &input = tensors.input->params, &output = tensors.output->params;
  TF_LITE_ENSURE_MSG(context, IsScale(input.scale) && IsScale(output.scale),
                     "input and output must have a positive scale");
  *data = {size,
           {from, to, int32_t(0u - uint32_t(input.zero_point)), output.zero_point,
            QuantizeMultiplier(ScaleRatio(tensors))}};
  const nn_convert_params &params = data->params;
  if (IsOfOneByte(params) && IsLookedUp(size))
    return PrepareLookup(context, Convert, &params, size);
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_convert_prepare(kernel, &params, size);
  });
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  int32_t size;
  TF_LITE_ENSURE_STATUS(SameElements(context, node, &tensors, &size));
  const TfLiteType from = tensors.input->type, to = tensors.output->type;
  nn_type input, output;
  if (from == kTfLiteFloat32 && to == kTfLiteInt8)
    return KeepFloat(context, node, "output", tensors.output, NN_INT8, size);
  TF_LITE_ENSURE_MSG(
      context, NumberType(from, &input) && NumberType(to, &output) && IsSupported(input, output),
      "%s to %s is not supported", TfLiteTypeGetName(from), TfLiteTypeGetName(to));
  return KeepIntegers(context, node, tensors, input, output, size);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const EvalTensors tensors(context, node);
  const TfLitePtrUnion input = tensors.input->data, output = tensors.output->data;
  nn_context kernel = KernelContext(context);
  if (tensors.input->type == kTfLiteFloat32) {
    const FloatData *data = static_cast<const FloatData *>(node->user_data);
    return Finish(context, kernel,
                  nn_quantize_f32(&kernel, data->scale, data->zero_point, data->size, input.f,
                                  output.int8));
  }
  const IntegerData *data = static_cast<const IntegerData *>(node->user_data);
  const nn_convert_params &params = data->params;
  if (IsOfOneByte(params))
    return EvalUnary(context, Convert, &params, data->size, input.int8, output.int8);
  return Finish(context, kernel, nn_convert(&kernel, &params, data->size, input.data, output.data));
}

}  // namespace

TFLMRegistration Register_QUANTIZE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_QUANTIZE, nullptr};
}

}  // namespace tflite
