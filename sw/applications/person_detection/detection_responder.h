/* Responds to a detected person. */
#ifndef DETECTION_RESPONDER_H_
#define DETECTION_RESPONDER_H_

#include <cstdint>

void RespondToDetection(int8_t person_score, int8_t no_person_score);

#endif
