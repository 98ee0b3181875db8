/* verify.h: compares all endpoints with the facts while nobody writes. */
#ifndef STRESS_VERIFY_H
#define STRESS_VERIFY_H

/* Creates the SQL functions of facts.sql. */
void verify_prepare(void);

/* Each endpoint for each user and video; differences are violations.  Returns the number of
 * requests. */
int verify_all(const char *when);

#endif
