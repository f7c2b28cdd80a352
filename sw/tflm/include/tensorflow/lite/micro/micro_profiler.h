/* A profiler that records the time of each operator. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_PROFILER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_PROFILER_H_

#include "tensorflow/lite/micro/compatibility.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"

namespace tflite {

/* Records the begin and end of each event, in ticks of micro_time.h; events after the 512th are not
 * recorded, and the logs say so. */
class MicroProfiler : public MicroProfilerInterface {
 public:
  uint32_t BeginEvent(const char *tag) override;
  void EndEvent(uint32_t event_handle) override;

  void ClearEvents() { count_ = 0; }
  uint32_t GetTotalTicks() const;

  /* Log one line per event; the same as CSV; and the sum per tag, as CSV. */
  void Log() const;
  void LogCsv() const;
  void LogTicksPerTagCsv() const;

 private:
  static constexpr uint32_t kMaxEvents = 512;

  struct Event {
    const char *tag;
    uint32_t begin, end;
    uint32_t ticks() const { return end - begin; }
  };

  uint32_t noted() const { return count_ < kMaxEvents ? count_ : kMaxEvents; }
  void LogLost() const;

  Event events_[kMaxEvents];
  uint32_t count_ = 0; /* including events that were not recorded */
};

/* An event with the lifetime of this object. */
class ScopedMicroProfiler {
 public:
  ScopedMicroProfiler(const char *tag, MicroProfilerInterface *profiler)
      : profiler_(profiler), handle_(profiler ? profiler->BeginEvent(tag) : 0) {}
  ScopedMicroProfiler(const ScopedMicroProfiler &) = delete;
  ~ScopedMicroProfiler() {
    if (profiler_) profiler_->EndEvent(handle_);
  }

 private:
  MicroProfilerInterface *profiler_;
  uint32_t handle_;
};

}  // namespace tflite
#endif
