#include "offline_plan.h"

#include "message.h"
#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

constexpr char kName[] = "OfflineMemoryAllocation";
constexpr uint32_t kHeader = 3; /* words before the first offset: version, subgraph, tensors */

bool HasItsName(const Metadata &metadata) {
  const flat::String *name = metadata.name();
  if (!name || name->size() != sizeof kName - 1) return false;
  for (uint32_t i = 0; i < sizeof kName - 1; ++i) {
    if (name->Get(i) != kName[i]) return false;
  }
  return true;
}

/* The last one; null if there is none. */
const flat::Vector<uint8_t> *FindPlan(const Model *model) {
  const flat::TableVector<Metadata> *list = model->metadata();
  const flat::TableVector<Buffer> *buffers = model->buffers();
  const flat::Vector<uint8_t> *plan = nullptr;
  for (uint32_t i = 0; list && buffers && i < list->size(); ++i) {
    const Metadata &metadata = *list->Get(i);
    if (!HasItsName(metadata) || metadata.buffer() >= buffers->size()) continue;
    plan = buffers->Get(metadata.buffer())->data();
  }
  return plan;
}

}  // namespace

TfLiteStatus FollowOfflinePlan(const Model *model, PlannedBuffer *buffers, int count) {
  const flat::Vector<uint8_t> *plan = FindPlan(model);
  if (!plan) return kTfLiteOk;
  const auto word = [plan](uint32_t index) {
    return flat::Load<int32_t>(plan->data() + 4 * index);
  };
  const uint32_t words = plan->size() / 4;
  if (words < kHeader || word(2) != count || words - kHeader < uint32_t(count)) {
    PrintMessage("the model's %s must have an offset for each of %d tensors", kName, count);
    return kTfLiteError;
  }
  for (int i = 0; i < count; ++i) {
    const int32_t offset = word(kHeader + uint32_t(i));
    if (offset < -1 || (offset > 0 && size_t(offset) > kHighestOffset)) {
      PrintMessage("the model's %s puts tensor %d at %d, where no arena reaches", kName, i,
                   int(offset));
      return kTfLiteError;
    }
    if (offset < 0 || size_t(offset) % ArenaAllocator::kAlignment) continue; /* left to our planner */
    buffers[i].offset = size_t(offset);
    buffers[i].is_fixed = true;
  }
  return kTfLiteOk;
}

}  // namespace tflite
