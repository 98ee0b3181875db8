/* keys.c: see keys.h. */
#include <stdio.h>

#include "keys.h"

static const char *const patterns[] = {
	[KEY_USER_CARD] = "%s:{u:%lld}:card",
};

struct key
key_make(const char *epoch, enum key_kind kind, int64_t id)
{
	struct key key;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	key.len = snprintf(key.text, sizeof(key.text), patterns[kind], epoch, (long long)id);
#pragma GCC diagnostic pop
	return key;
}
