#include "detection_responder.h"

#include "tensorflow/lite/micro/micro_log.h"

void RespondToDetection(int8_t person_score, int8_t no_person_score) {
  MicroPrintf("person %d, no person %d: %s", person_score, no_person_score,
              person_score > no_person_score ? "somebody is there" : "nobody is there");
}
