/* param.c: see param.h. */
#include <string.h>

#include "http/param.h"

static const char *const names[P_END] = {
	[P_NONE] = "",
#define PARAM(name, wire, example) [P_##name] = wire,
#include "http/params.def"
#undef PARAM
};

static const char *const examples[P_END] = {
	[P_NONE] = "",
#define PARAM(name, wire, example) [P_##name] = example,
#include "http/params.def"
#undef PARAM
};

const char *
param_name(enum param_id id)
{
	return names[id];
}

const char *
param_example(enum param_id id)
{
	return examples[id];
}

enum param_id
param_find(const char *name, size_t n)
{
	int i;

	for (i = P_NONE + 1; i < P_END; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return (enum param_id)i;
	return P_NONE;
}
