#include "operator_util.h"

namespace tflite {

TfLiteStatus CheckTyped(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                        TfLiteType type) {
  /* A null tensor is absent, or the arena is full, which has been reported. */
  if (!tensor) {
    TF_LITE_KERNEL_LOG(context, "the %s is missing", what);
    return kTfLiteError;
  }
  TF_LITE_ENSURE_MSG(context, tensor->type == type, "the %s must be %s, not %s", what,
                     TfLiteTypeGetName(type), TfLiteTypeGetName(tensor->type));
  TF_LITE_ENSURE_MSG(context, tensor->bytes > 0, "the %s is empty", what);
  return kTfLiteOk;
}

const TfLiteEvalTensor kAbsentTensor = {};

TfLiteStatus UnaryTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                          TfLiteType type) {
  MicroContext *micro = GetMicroContext(context);
  *tensors = {};
  tensors->input = micro->AllocateTempInputTensor(node, 0);
  tensors->output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "input", tensors->input, type));
  return CheckTyped(context, "output", tensors->output, type);
}

TfLiteStatus WeightedTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors) {
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, tensors));
  MicroContext *micro = GetMicroContext(context);
  tensors->filter = micro->AllocateTempInputTensor(node, 1);
  tensors->bias = micro->AllocateTempInputTensor(node, 2);
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "filter", tensors->filter, kTfLiteInt8));
  if (tensors->bias) {
    TF_LITE_ENSURE_STATUS(CheckTyped(context, "bias", tensors->bias, kTfLiteInt32));
  }
  return kTfLiteOk;
}

TfLiteStatus CheckBias(TfLiteContext *context, const TfLiteTensor *bias, int32_t channels) {
  TF_LITE_ENSURE_MSG(context, !bias || bias->bytes == sizeof(int32_t) * size_t(channels),
                     "the bias must have %d elements, not %u", int(channels),
                     unsigned(bias->bytes / sizeof(int32_t)));
  return kTfLiteOk;
}

TfLiteStatus Dims4(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                   const nn_dims **dims) {
  TF_LITE_ENSURE_MSG(context, tensor->dims->size == 4, "the %s must have 4 dimensions, not %d",
                     what, tensor->dims->size);
  *dims = DimsOf(tensor->dims);
  return kTfLiteOk;
}

TfLiteStatus PaddingBefore(TfLiteContext *context, Padding padding, const char *axis,
                           const Window &window, int32_t *before) {
  constexpr int32_t kLimit = 1 << 14; /* keeps the products below inside 32 bits */
  TF_LITE_ENSURE_MSG(context,
                     window.stride > 0 && window.stride < kLimit && window.dilation > 0 &&
                         window.dilation < kLimit && window.filter > 0 && window.filter < kLimit,
                     "%s: stride %d, dilation %d and filter %d must be positive and below %d", axis,
                     int(window.stride), int(window.dilation), int(window.filter), int(kLimit));
  const int32_t extent = (window.filter - 1) * window.dilation + 1;
  const int32_t covered = padding == Padding_SAME ? window.input : window.input - extent + 1;
  const int32_t output = covered > 0 ? (covered + window.stride - 1) / window.stride : 0;
  TF_LITE_ENSURE_MSG(context, output == window.output, "%s: the output must be %d, not %d", axis,
                     int(output), int(window.output));
  const int32_t total = (output - 1) * window.stride + extent - window.input;
  *before = padding == Padding_SAME && total > 0 ? total / 2 : 0;
  return kTfLiteOk;
}

TfLiteStatus RequestScratch(TfLiteContext *context, int32_t bytes, Scratch *scratch) {
  *scratch = {-1, bytes};
  TF_LITE_ENSURE_MSG(context, bytes >= 0, "its kernel asks for %d bytes of scratch", int(bytes));
  if (bytes == 0) return kTfLiteOk;
  return context->RequestScratchBufferInArena(context, size_t(bytes), &scratch->index);
}

}  // namespace tflite
