#include "prepare_kernel.h"

namespace tflite {

TfLiteStatus FillKernelMemory(TfLiteContext *context, nn_status status, int32_t bytes,
                              nn_status (*prepare)(const void *function, nn_context *kernel),
                              const void *function, int input) {
  TF_LITE_ENSURE_STATUS(CheckKernel(context, status));
  TF_LITE_ENSURE_MSG(context, bytes > 0, "its kernel asks for %d bytes of persistent memory",
                     int(bytes));
  MicroContext *micro = GetMicroContext(context);
  KernelMemory *kept = micro->NewKernelMemory();
  if (!kept) return kTfLiteError;
  constexpr size_t kCacheLine = 32;
  static_assert(sizeof(PreparedLayer) % ArenaAllocator::kAlignment == 0);
  PreparedLayer *layer = static_cast<PreparedLayer *>(
      micro->AllocatePersistentBuffer(sizeof(PreparedLayer) + size_t(bytes), kCacheLine));
  if (!layer) return kTfLiteError;
  kept->persistent = layer + 1;
  kept->bytes = bytes;
  nn_context kernel = {nullptr, 0, kept->persistent, bytes, nullptr, nullptr};
  TF_LITE_ENSURE_STATUS(CheckKernel(context, prepare(function, &kernel)));
  if (!kernel.compute) return kTfLiteOk;
  layer->compute = kernel.compute;
  kept->prepared = layer;
  kept->input = input;
  micro->SetRan(kernel.ran);
  return kTfLiteOk;
}

}  // namespace tflite
