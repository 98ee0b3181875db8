/* transcode_pop.c: see transcode_pop.h. */
#include <stdio.h>
#include <string.h>

#include "jobs/transcode_pop.h"

#define LEASE_MS 30000
#define PUBLISH_TRIES 5

bool
transcode_pop(struct job_runtime *rt, enum job_stage last, struct job *job)
{
	db_result *res = NULL;
	bool found = false;

	memset(job, 0, sizeof(*job));
	job->rt = rt;
	if (db_query(rt->db, STMT_JOB_TAKE, &res, db_int(LEASE_MS), db_int(last)) == ERR_OK &&
	    db_rows(res) == 1) {
		job->video = db_get_int(res, 0, db_column(res, "video_id"));
		job->stage = (enum job_stage)db_get_int(res, 0, db_column(res, "stage"));
		job->attempt = db_get_int(res, 0, db_column(res, "attempts"));
		job->failures = db_get_int(res, 0, db_column(res, "failures"));
		job->offset = db_get_int(res, 0, db_column(res, "source_offset"));
		job->length = db_get_int(res, 0, db_column(res, "source_length"));
		job->cover_offset = db_get_int(res, 0, db_column(res, "cover_offset"));
		job->cover_length = db_get_int(res, 0, db_column(res, "cover_length"));
		job->cover_ms = db_get_int(res, 0, db_column(res, "cover_ms"));
		snprintf(job->source, sizeof(job->source), "%s",
			 db_get_text(res, 0, db_column(res, "source"), NULL));
		snprintf(job->trace, sizeof(job->trace), "%s",
			 db_get_text(res, 0, db_column(res, "trace"), NULL));
		found = true;
	}
	db_clear(res);
	return found;
}

bool
job_renew_lease(const struct job *job, int progress)
{
	db_result *res = NULL;
	bool mine = true;

	/* While the database is down the job stays ours: the lease outlasts a short outage. */
	if (db_query(job->rt->db, STMT_JOB_LEASE, &res, db_int(job->video), db_int(job->attempt),
		     db_int(LEASE_MS), db_int(progress)) == ERR_OK)
		mine = db_rows(res) == 1;
	db_clear(res);
	return mine;
}

void
job_release(const struct job *job, int64_t ms, bool failure)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(job->rt->db, STMT_JOB_LATER, &res, db_int(job->video), db_int(job->attempt),
		     db_int(ms), db_bool(failure));
	(void)e; /* without this the lease expires */
	db_clear(res);
}

/* Runs a statement that changes the video's state.  True if the job was still ours. */
static bool
decide(const struct job *job, enum stmt stmt, const struct db_arg *args, int n)
{
	db_result *res = NULL;
	enum err e = ERR_INTERNAL;
	int tries;

	/* Two videos may get the same position in the feed: retry the unique violation. */
	for (tries = 0; e == ERR_INTERNAL && tries < PUBLISH_TRIES; tries++)
		e = db_run(job->rt->db, stmt, &res, args, n);
	if (e == ERR_OK && db_rows(res) == 0)
		e = ERR_VIDEO_UNKNOWN;
	db_clear(res);
	return e == ERR_OK;
}

#define FILES_LIST (3 * STORE_NAME_MAX + 8)

/* Formats the names as an array of text. */
static struct db_arg
list_files(const struct job_files *files, char list[FILES_LIST])
{
	snprintf(list, FILES_LIST, "{%s%s%s%s%s}", files->play, files->cover[0] == '\0' ? "" : ",",
		 files->cover, files->small[0] == '\0' ? "" : ",", files->small);
	return (struct db_arg){ DB_ARRAY, 0, list, 0 };
}

bool
job_claim_files(const struct job *job, const struct job_files *files)
{
	char list[FILES_LIST];
	const struct db_arg args[] = { db_int(job->video), db_int(job->attempt),
				       list_files(files, list) };

	return decide(job, STMT_JOB_FILES, args, 3);
}

void
job_discard_files(const struct job *job, const struct job_files *files)
{
	char list[FILES_LIST];
	db_result *res = NULL;
	enum err e;

	e = db_query(job->rt->db, STMT_TRASH_ADD, &res, list_files(files, list));
	(void)e; /* without this fsck finds the files */
	db_clear(res);
}

static struct db_arg
text_arg(const char *text)
{
	return db_text(text, strlen(text));
}

bool
job_set_ready(const struct job *job, const struct job_files *files, const struct job_notice *notice,
	      bool more)
{
	const struct db_arg args[] = {
		db_int(job->video),	db_int(job->attempt),	text_arg(files->play),
		text_arg(files->cover), text_arg(files->small), text_arg(notice_word(notice->what)),
		db_int(notice->seen),	db_bool(more),
	};
	const struct key changed[] = { key_of(KEY_VIDEO_FRAGMENT, job->video),
				       key_of(KEY_FEED_NEWEST, 0) };

	if (!decide(job, STMT_JOB_READY, args, 8))
		return false;
	cache_invalidate(job->rt->cache, changed, 2);
	return true;
}

bool
job_set_full(const struct job *job, const char *play)
{
	const struct db_arg args[] = { db_int(job->video), db_int(job->attempt), text_arg(play) };
	const struct key changed = key_of(KEY_VIDEO_FRAGMENT, job->video);

	if (!decide(job, STMT_JOB_FULL, args, 3))
		return false;
	cache_invalidate(job->rt->cache, &changed, 1);
	return true;
}

bool
job_set_failed(const struct job *job, enum reason why, int64_t seen, int64_t limit)
{
	const struct db_arg args[] = { db_int(job->video), db_int(job->attempt),
				       text_arg(reason_word(why)), db_int(seen), db_int(limit) };

	return decide(job, STMT_JOB_FAILED, args, 5);
}
