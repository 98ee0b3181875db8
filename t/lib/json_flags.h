/* json_flags.h: how tests read JSON: strictly, as far as this json-c can. */
#ifndef DS_T_JSON_FLAGS_H
#define DS_T_JSON_FLAGS_H

#include <json-c/json.h>
#include <stdbool.h>

/* In strict mode json-c 0.18 takes bytes above 0x7f for control characters. */
static inline int
json_flags(void)
{
	bool broken = json_c_version_num() >> 8 == 18;

	return JSON_TOKENER_VALIDATE_UTF8 | (broken ? 0 : JSON_TOKENER_STRICT);
}

#endif
