/* The interface that the interpreter calls around each operator. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_PROFILER_INTERFACE_H_
#define TENSORFLOW_LITE_MICRO_MICRO_PROFILER_INTERFACE_H_

#include <stdint.h>

namespace tflite {

class MicroProfilerInterface {
 public:
  /* Called just before the operator named `tag` runs; returns a handle for EndEvent. */
  virtual uint32_t BeginEvent(const char *tag) = 0;
  /* Called just after. */
  virtual void EndEvent(uint32_t event_handle) = 0;

 protected:
  ~MicroProfilerInterface() = default; /* nobody deletes through this interface: there is no heap */
};

}  // namespace tflite
#endif
