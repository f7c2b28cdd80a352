#include "line.h"

namespace device {
namespace {

constexpr char kEnd = '%', kEscape = 0x1b, kEscapedBit = 0x20;

bool IsBlank(char character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

}  // namespace

bool Line::Take(uint8_t byte) {
  if (is_complete_) Clear();
  char character = char(byte);
  if (character == kEnd) {
    text_[size_] = 0;
    is_complete_ = true;
    return true;
  }
  if (character == kEscape) {
    is_escaped_ = true;
    return false;
  }
  if (is_escaped_) character = char(character ^ kEscapedBit);
  is_escaped_ = false;
  if (size_ + 1 == sizeof text_) {
    is_too_long_ = true;
  } else {
    text_[size_++] = character;
  }
  return false;
}

void Line::Clear() {
  size_ = place_ = 0;
  is_escaped_ = is_too_long_ = is_complete_ = false;
}

bool Line::is_blank() const {
  size_t i = 0;
  while (i < size_ && IsBlank(text_[i])) ++i;
  return i == size_;
}

char *Line::Word() {
  while (place_ < size_ && IsBlank(text_[place_])) ++place_;
  char *const word = text_ + place_;
  while (place_ < size_ && !IsBlank(text_[place_])) ++place_;
  text_[place_] = 0;
  if (place_ < size_) ++place_;
  return word;
}

uint8_t *Line::Rest(size_t *size) {
  *size = size_ - place_;
  return reinterpret_cast<uint8_t *>(text_ + place_);
}

bool ToNumber(const char *word, uint32_t *number) {
  *number = 0;
  int digits = 0;
  for (; word[digits]; ++digits) {
    if (word[digits] < '0' || word[digits] > '9' || digits == 9) return false;
    *number = *number * 10 + uint32_t(word[digits] - '0');
  }
  return digits > 0;
}

bool ToHexNumber(const char *word, uint32_t *number) {
  *number = 0;
  int digits = 0;
  for (; word[digits]; ++digits) {
    const int digit = HexDigit(word[digits]);
    if (digit < 0 || digits == 8) return false;
    *number = *number << 4 | uint32_t(digit);
  }
  return digits > 0;
}

int HexDigit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  const char lower = char(character | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace device
