/* Initialisation of the platform, before anything else. */
#ifndef TENSORFLOW_LITE_MICRO_SYSTEM_SETUP_H_
#define TENSORFLOW_LITE_MICRO_SYSTEM_SETUP_H_

namespace tflite {

/* Does nothing unless the platform or the application defines it. */
void InitializeTarget();

}  // namespace tflite
#endif
