/* In the firmware of a model that has no plan: none is looked for. */
#include "offline_plan.h"

namespace tflite {

TfLiteStatus FollowOfflinePlan(const Model *, PlannedBuffer *, int) { return kTfLiteOk; }

}  // namespace tflite
