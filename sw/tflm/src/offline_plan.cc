#include "offline_plan.h"

#include "greedy_memory_planner.h"
#include "message.h"
#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

constexpr char kName[] = "OfflineMemoryAllocation";
constexpr uint32_t kHeader = 3; /* words before the first offset */

bool HasItsName(const Metadata &metadata) {
  const flat::String *name = metadata.name();
  if (!name || name->size() != sizeof kName - 1) return false;
  for (uint32_t i = 0; i < sizeof kName - 1; ++i) {
    if (name->Get(i) != kName[i]) return false;
  }
  return true;
}

}  // namespace

OfflinePlan::OfflinePlan(const Model *model) {
  const flat::TableVector<Metadata> *list = model->metadata();
  const flat::TableVector<Buffer> *buffers = model->buffers();
  for (uint32_t i = 0; list && buffers && i < list->size(); ++i) {
    const Metadata &metadata = *list->Get(i);
    if (!HasItsName(metadata) || metadata.buffer() >= buffers->size()) continue;
    plan_ = buffers->Get(metadata.buffer())->data();
  }
}

TfLiteStatus OfflinePlan::Check(int tensor_count) const {
  if (!plan_) return kTfLiteOk;
  const uint32_t words = plan_->size() / 4;
  if (words < kHeader || Word(2) != tensor_count || words - kHeader < uint32_t(tensor_count)) {
    PrintMessage("the model's %s must have an offset for each of %d tensors", kName, tensor_count);
    return kTfLiteError;
  }
  for (int i = 0; i < tensor_count; ++i) {
    const int32_t offset = Word(kHeader + uint32_t(i));
    if (offset < -1 || (offset > 0 && size_t(offset) > kHighestOffset)) {
      PrintMessage("the model's %s puts tensor %d at %d, where no arena reaches", kName, i,
                   int(offset));
      return kTfLiteError;
    }
  }
  return kTfLiteOk;
}

int32_t OfflinePlan::OffsetOf(int tensor) const {
  const int32_t offset = plan_ ? Word(kHeader + uint32_t(tensor)) : -1;
  return offset % int32_t(ArenaAllocator::kAlignment) == 0 ? offset : -1;
}

}  // namespace tflite
