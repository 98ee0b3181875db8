/*
 * sandbox_diagnosis.h: why bubblewrap does not work here, and the remedy.
 *
 * Makes no assumption about the release: uses the error of bwrap and the
 * sysctls of this kernel.
 */
#ifndef DS_SANDBOX_DIAGNOSIS_H
#define DS_SANDBOX_DIAGNOSIS_H

#include <stddef.h>

/*
 * Writes "WHAT; REMEDY" into why[size].  said is the file with bwrap's stderr:
 * empty if bwrap is not installed, missing if it could not be created.
 */
void sandbox_diagnose(const char *said, char *why, size_t size);

#endif
