/* verify.h: all endpoints compared with the facts, while nobody writes. */
#ifndef STRESS_VERIFY_H
#define STRESS_VERIFY_H

/* Makes the functions that count the facts. */
void verify_prepare(void);

/* Each endpoint for each user and video; differences are violations.  Returns the questions. */
int verify_all(const char *when);

#endif
