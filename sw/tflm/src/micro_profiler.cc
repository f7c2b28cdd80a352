#include "tensorflow/lite/micro/micro_profiler.h"

#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_time.h"

namespace tflite {

uint32_t MicroProfiler::BeginEvent(const char *tag) {
  const uint32_t handle = count_++;
  if (handle < kMaxEvents) {
    const uint32_t now = GetCurrentTimeTicks();
    events_[handle] = {tag, now, now};
  }
  return handle;
}

void MicroProfiler::EndEvent(uint32_t event_handle) {
  if (event_handle < kMaxEvents) events_[event_handle].end = GetCurrentTimeTicks();
}

uint32_t MicroProfiler::GetTotalTicks() const {
  uint32_t ticks = 0;
  for (uint32_t i = 0; i < noted(); ++i) ticks += events_[i].ticks();
  return ticks;
}

void MicroProfiler::LogLost() const {
  if (count_ > kMaxEvents) {
    MicroPrintf("%u more events were not noted", unsigned(count_ - kMaxEvents));
  }
}

void MicroProfiler::Log() const {
  for (uint32_t i = 0; i < noted(); ++i) {
    const uint32_t ticks = events_[i].ticks();
    MicroPrintf("%s: %u ticks, %u ms", events_[i].tag, unsigned(ticks),
                unsigned(TicksToMs(int32_t(ticks))));
  }
  LogLost();
}

void MicroProfiler::LogCsv() const {
  MicroPrintf("\"Event\",\"Tag\",\"Ticks\"");
  for (uint32_t i = 0; i < noted(); ++i) {
    MicroPrintf("%u,%s,%u", unsigned(i), events_[i].tag, unsigned(events_[i].ticks()));
  }
  LogLost();
}

void MicroProfiler::LogTicksPerTagCsv() const {
  MicroPrintf("\"Tag\",\"Ticks\"");
  for (uint32_t i = 0; i < noted(); ++i) {
    uint32_t ticks = 0, before = 0; /* of this tag: all events, and those before this one */
    for (uint32_t j = 0; j < noted(); ++j) {
      if (__builtin_strcmp(events_[j].tag, events_[i].tag) != 0) continue;
      ticks += events_[j].ticks();
      before += j < i;
    }
    if (!before) MicroPrintf("%s,%u", events_[i].tag, unsigned(ticks));
  }
  MicroPrintf("total,%u", unsigned(GetTotalTicks()));
  LogLost();
}

}  // namespace tflite
