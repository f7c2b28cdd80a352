/* PAD and PADV2 over nn_pad. PAD, which has no value, adds the output's zero point. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  nn_pad_params params;
  const TfLiteEvalTensor *input, *value, *output; /* `value` is null if there is none */
};

int32_t Value(const TfLiteEvalTensor &tensor) {
  switch (tensor.type) {
    case kTfLiteInt8:
      return *tensor.data.int8;
    case kTfLiteInt16:
      return *tensor.data.i16;
    default:
      return *tensor.data.i32; /* a float's bits */
  }
}

/* The model's axes, with every axis without padding merged into the one before it. */
void Merge(const int *sizes, const int32_t *paddings, int rank, int32_t element,
           nn_pad_axis *merged) {
  for (int i = 0; i < NN_PAD_AXES; ++i) merged[i] = {0, 1, 0};
  nn_pad_axis *inner = &merged[NN_PAD_AXES - 1];
  *inner = {0, element, 0};
  bool padded = false;
  for (int i = rank - 1; i >= 0; --i) {
    const nn_pad_axis axis = {paddings[2 * i], sizes[i], paddings[2 * i + 1]};
    if (padded) {
      *--inner = axis;
    } else {
      const int32_t unit = inner->size;
      *inner = {axis.before * unit, axis.size * unit, axis.after * unit};
    }
    padded = axis.before || axis.after;
  }
}

TfLiteStatus CheckValue(TfLiteContext *context, const TfLiteTensor &value,
                        const TfLiteTensor &output) {
  const unsigned elements = unsigned(value.bytes / ElementBytes(value.type));
  TF_LITE_ENSURE_MSG(context, elements == 1, "input 2, the value, must have 1 element, not %u",
                     elements);
  TF_LITE_ENSURE_MSG(context,
                     value.type != kTfLiteInt8 ||
                         (value.params.zero_point == output.params.zero_point &&
                          value.params.scale == output.params.scale),
                     "input 2, the value, must have the output's scale and zero point");
  return kTfLiteOk;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  if (!data) return kTfLiteError;
  const TfLiteTensor *input = InputOf(context, node, 0, kCommonTypes);
  if (!input) return kTfLiteError;
  const TfLiteTensor *output = OutputOf(context, node, 0, TypeBit(input->type));
  if (!output) return kTfLiteError;
  const int rank = input->dims->size;
  TF_LITE_ENSURE_MSG(context, rank >= 1 && rank <= NN_PAD_AXES,
                     "input 0 must have 1 to %d dimensions, not %d", NN_PAD_AXES, rank);
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, rank));
  const int32_t *paddings = ConstantOf(context, node, 1, "paddings", 2 * rank);
  if (!paddings) return kTfLiteError;
  for (int i = 0; i < rank; ++i) {
    const int32_t before = paddings[2 * i], after = paddings[2 * i + 1];
    TF_LITE_ENSURE_MSG(context, before >= 0 && after >= 0,
                       "the paddings of dimension %d must not be negative as %d and %d are", i,
                       int(before), int(after));
    const int64_t size = int64_t(before) + input->dims->data[i] + after;
    TF_LITE_ENSURE_MSG(context, size == output->dims->data[i],
                       "dimension %d of output 0 must be %d + %d + %d, not %d", i, int(before),
                       int(input->dims->data[i]), int(after), int(output->dims->data[i]));
  }
  data->input = context->GetEvalTensor(context, node->inputs->data[0]);
  data->output = context->GetEvalTensor(context, node->outputs->data[0]);
  data->value = nullptr;
  data->params.element = int32_t(ElementBytes(input->type));
  data->params.value = input->type == kTfLiteInt8 ? output->params.zero_point : 0;
  if (node->inputs->size > 2 && node->inputs->data[2] >= 0) {
    const TfLiteTensor *value = InputOf(context, node, 2, TypeBit(input->type));
    if (!value) return kTfLiteError;
    TF_LITE_ENSURE_STATUS(CheckValue(context, *value, *output));
    data->value = context->GetEvalTensor(context, node->inputs->data[2]);
  }
  Merge(input->dims->data, paddings, rank, data->params.element, data->params.axis);
  if (data->value && !ConstantInput<int8_t>(context, node, 2)) return kTfLiteOk;
  if (data->value) data->params.value = Value(*data->value);
  return PrepareKernel(context, [data](nn_context *kernel) {
    return nn_pad_prepare(kernel, &data->params);
  });
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  Data *data = static_cast<Data *>(node->user_data);
  if (data->value) data->params.value = Value(*data->value);
  nn_context kernel = KernelContext(context);
  const nn_status status =
      nn_pad(&kernel, &data->params, data->input->data.data, data->output->data.data);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_PAD() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_PAD, nullptr};
}

TFLMRegistration Register_PADV2() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_PADV2, nullptr};
}

}  // namespace tflite
