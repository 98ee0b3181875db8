/* reply.c: see reply.h. */
#include <string.h>

#include "http/reply.h"

static void
write_base(struct reply *out, const struct err_info *info, enum lang lang, const char *detail)
{
	const char *text = info->text[lang], *placeholder = strstr(text, "%s");

	buf_clear(&out->body);
	json_open(&out->body, NULL, '{');
	json_int(&out->body, "status_code", info->code);
	json_key(&out->body, "status_msg");
	buf_str(&out->body, "\"");
	json_escape(&out->body, text,
		    placeholder == NULL ? strlen(text) : (size_t)(placeholder - text));
	if (placeholder != NULL) {
		if (detail != NULL)
			json_escape(&out->body, detail, strlen(detail));
		json_escape(&out->body, placeholder + 2, strlen(placeholder + 2));
	}
	buf_str(&out->body, "\"");
}

void
reply_begin(struct reply *out, enum lang lang)
{
	out->http = 200;
	out->err = ERR_OK;
	out->no_body = false;
	out->type = NULL;
	buf_clear(&out->headers);
	write_base(out, err_info(ERR_OK), lang, NULL);
}

void
reply_end(struct reply *out)
{
	json_close(&out->body, '}');
}

void
reply_fail(struct reply *out, enum err e, enum lang lang, const char *detail, const char *keys)
{
	const struct err_info *info = err_info(e);

	out->http = info->http;
	out->err = e;
	out->no_body = false;
	out->type = NULL;
	write_base(out, info, lang, detail);
	if (keys[0] != '\0') {
		json_key(&out->body, NULL);
		buf_str(&out->body, keys);
	}
	json_close(&out->body, '}');
}

void
reply_begin_type(struct reply *out, const char *type)
{
	out->type = type;
	buf_clear(&out->body);
}

void
reply_begin_error(struct reply *out, enum err e, enum lang lang)
{
	out->http = err_info(e)->http;
	out->err = e;
	write_base(out, err_info(e), lang, NULL);
}

void
reply_status_only(struct reply *out, int http)
{
	out->http = http;
	out->no_body = true;
	buf_clear(&out->body);
}

void
reply_header(struct reply *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_str(&out->headers, name);
	buf_str(&out->headers, ": ");
	buf_str(&out->headers, value);
	buf_str(&out->headers, "\r\n");
}

void
reply_release(struct reply *out)
{
	buf_release(&out->body);
	buf_release(&out->headers);
}
