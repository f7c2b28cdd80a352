/* Where the time goes, operator by operator. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_PROFILER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_PROFILER_H_

#include "tensorflow/lite/micro/compatibility.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"

namespace tflite {

/* Notes when each event began and ended, in micro_time.h's ticks; what comes after the 512th event
 * is not noted, and the logs say so. */
class MicroProfiler : public MicroProfilerInterface {
 public:
  uint32_t BeginEvent(const char *tag) override;
  void EndEvent(uint32_t event_handle) override;

  void ClearEvents() { count_ = 0; }
  uint32_t GetTotalTicks() const;

  /* One line an event; the same as CSV; and, as CSV, the sum of each tag. */
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
  uint32_t count_ = 0; /* also those that were not noted */
};

/* An event that lasts as long as this object. */
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
