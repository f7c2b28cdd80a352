#include "prepare_kernel.h"

namespace tflite {

TfLiteStatus FillKernelMemory(TfLiteContext *context, nn_status status, int32_t bytes,
                              nn_status (*prepare)(const void *function, nn_context *kernel),
                              const void *function) {
  TF_LITE_ENSURE_STATUS(CheckKernel(context, status));
  TF_LITE_ENSURE_MSG(context, bytes > 0, "its kernel asks for %d bytes of persistent memory",
                     int(bytes));
  MicroContext *micro = GetMicroContext(context);
  KernelMemory *kept = micro->NewKernelMemory();
  if (!kept) return kTfLiteError;
  kept->persistent = micro->AllocatePersistentBuffer(size_t(bytes), ArenaAllocator::kAlignment);
  if (!kept->persistent) return kTfLiteError;
  kept->bytes = bytes;
  nn_context kernel = {nullptr, 0, kept->persistent, bytes, nullptr};
  return CheckKernel(context, prepare(function, &kernel));
}

}  // namespace tflite
