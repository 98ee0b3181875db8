/* err.c: the table of errors. */
#include <strings.h>

#include "base/err.h"

static const struct err_info table[ERR_COUNT] = {
#define ERROR(name, code, http, en, zh, meaning) \
	[ERR_##name] = { "ERR_" #name, code, http, { en, zh }, meaning },
#include "base/errors.def"
#undef ERROR
};

const struct err_info *
err_info(enum err e)
{
	return &table[e];
}

const char *
err_http_phrase(int http)
{
	switch (http) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 204:
		return "No Content";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 412:
		return "Precondition Failed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 415:
		return "Unsupported Media Type";
	case 423:
		return "Locked";
	case 429:
		return "Too Many Requests";
	case 460:
		return "Checksum Mismatch";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
	default:
		return "Internal Server Error";
	}
}

enum lang
err_language(const char *accept, enum lang otherwise)
{
	while (accept != NULL && *accept != '\0') {
		if (strncasecmp(accept, "zh", 2) == 0)
			return LANG_ZH;
		if (strncasecmp(accept, "en", 2) == 0)
			return LANG_EN;
		while (*accept != '\0' && *accept++ != ',')
			;
		while (*accept == ' ')
			accept++;
	}
	return otherwise;
}
