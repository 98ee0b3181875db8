/*
 * shape.c: asks one jq process about the shapes of all replies.  See driver.h.
 *
 * It gets a line for each question, an object {"shape": NAME, "code": CODE,
 * "field": FIELD, "reply": ...}, and answers "true" or "false".
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/json_flags.h"
#include "driver.h"

static const char *folder;
static char *names[64]; /* of shapes.jq, those without arguments */
static size_t names_n;

static pthread_mutex_t only_one = PTHREAD_MUTEX_INITIALIZER;
static FILE *questions, *answers; /* of jq; NULL: it has not been started */

void
shape_init(const char *path)
{
	char file[4096], line[1024], name[64];
	FILE *f;

	folder = path;
	snprintf(file, sizeof(file), "%s/shapes.jq", folder);
	f = fopen(file, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "def %63[a-z_]:", name) == 1 && strchr(line, ':') != NULL &&
		    line[4 + strlen(name)] == ':' && names_n < sizeof(names) / sizeof(names[0]))
			names[names_n++] = strdup(name);
	if (f != NULL)
		fclose(f);
}

static bool
is_known(const char *name)
{
	size_t i;

	for (i = 0; i < names_n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return strcmp(name, "error") == 0;
}

/* What jq does: the last value of a shape decides, as with jq -e. */
static char *
write_program(void)
{
	char *text = NULL;
	size_t n = 0, i;
	FILE *f = open_memstream(&text, &n);

	fprintf(f, "include \"shapes\"; inputs as $q | $q.reply | [try (");
	for (i = 0; i < names_n; i++)
		fprintf(f, "if $q.shape == \"%s\" then %s else ", names[i], names[i]);
	fprintf(f, "error($q.code; $q.field)");
	for (i = 0; i < names_n; i++)
		fprintf(f, " end");
	fprintf(f, ") catch false] | length > 0 and .[-1]");
	fclose(f);
	return text;
}

static void
start(void)
{
	int in[2], out[2];
	char *program = write_program();

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		return;
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("jq", "jq", "-n", "--unbuffered", "-L", folder, program, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	free(program);
	questions = fdopen(in[1], "w");
	answers = fdopen(out[0], "r");
}

static int
ask(const char *question)
{
	char answer[16] = "";

	if (questions == NULL)
		start();
	if (questions == NULL)
		return NEEDS_JQ;
	fprintf(questions, "%s\n", question);
	if (fflush(questions) == 0 && fgets(answer, sizeof(answer), answers) != NULL)
		return strcmp(answer, "true\n") == 0 ? 0 : 1;
	fclose(questions);
	fclose(answers);
	questions = NULL;
	return NEEDS_JQ;
}

int
shape(char **args, FILE *out, FILE *err)
{
	struct json_tokener *parser = json_tokener_new();
	struct json_object *question = json_object_new_object(), *reply;
	bool valid;
	int status = NEEDS_JQ;

	(void)out;
	(void)err;
	json_tokener_set_flags(parser, json_flags());
	reply = json_tokener_parse_ex(parser, args[3], (int)strlen(args[3]) + 1);
	valid = json_tokener_get_error(parser) == json_tokener_success;
	json_object_object_add(question, "shape", json_object_new_string(args[0]));
	json_object_object_add(question, "code", json_object_new_int64(atoll(args[1])));
	json_object_object_add(question, "field", json_object_new_string(args[2]));
	json_object_object_add(question, "reply", reply);
	if (valid && is_known(args[0])) {
		pthread_mutex_lock(&only_one);
		status = ask(json_object_to_json_string_ext(question, JSON_C_TO_STRING_PLAIN));
		pthread_mutex_unlock(&only_one);
	}
	json_object_put(question);
	json_tokener_free(parser);
	return status;
}
