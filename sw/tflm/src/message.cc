#include "message.h"

#include "tensorflow/lite/micro/micro_log.h"

namespace tflite {

void Message::VAdd(const char *format, va_list arguments) {
  const size_t room = sizeof text_ - length_;
  const size_t added = size_t(MicroVsnprintf(text_ + length_, room, format, arguments));
  length_ += added < room ? added : room - 1;
}

void Message::Add(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VAdd(format, arguments);
  va_end(arguments);
}

void Message::Print() {
  for (size_t i = 0; i < length_; ++i) {
    if (text_[i] >= 0 && text_[i] < ' ') text_[i] = ' ';
  }
  DebugLog(text_);
}

void PrintMessage(const char *format, ...) {
  Message message;
  va_list arguments;
  va_start(arguments, format);
  message.VAdd(format, arguments);
  va_end(arguments);
  message.Print();
}

}  // namespace tflite
