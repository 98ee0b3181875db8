/*
 * sandbox_diagnosis.h: why bubblewrap does not run here, and what to do about it.
 *
 * Nothing is assumed of the release: it goes by what bwrap has said and by
 * the sysctls that this kernel has.
 */
#ifndef DS_SANDBOX_WHY_H
#define DS_SANDBOX_WHY_H

#include <stddef.h>

/*
 * Writes "WHAT; REMEDY" into why[size].  said is the file with what bwrap has
 * written: empty when there is no bwrap, absent when it could not be made.
 */
void sandbox_diagnose(const char *said, char *why, size_t size);

#endif
