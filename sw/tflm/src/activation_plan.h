/* Plans the places of activations and scratch in the arena. */
#ifndef CFUFORGE_ACTIVATION_PLAN_H
#define CFUFORGE_ACTIVATION_PLAN_H

#include "tensorflow/lite/micro/micro_context.h"

namespace tflite {

/* An activation lives from the operator that writes it to the last one that reads it, scratch during its
 * operator; buffers that do not live at the same time may share memory. A plan in the model is followed.
 * With `preserve_all`, every activation lives all the time. */
TfLiteStatus PlanActivations(MicroContext &micro, int tensor_count, int node_count,
                             bool preserve_all);

}  // namespace tflite
#endif
