/*
 * handlers.h: what the route table calls.
 *
 * A handler appends its keys to the reply and returns ERR_OK, or returns an
 * error and leaves the reply to the dispatcher.
 */
#ifndef DS_HANDLERS_H
#define DS_HANDLERS_H

#include "routes.h"

/* feed.c */
handler feed_list;
warmer feed_warm;

/* user.c */
handler user_register, user_login, user_logout, user_password, user_show;
warmer user_warm;

/* publish.c */
handler publish_act, publish_list, publish_retry, publish_delete, publish_limits;

/* admit.c */
handler admit;

/* upload.c */
handler upload_options, upload_create, upload_show, upload_append, upload_remove;

/* favorite.c */
handler favorite_act, favorite_list;

/* comment.c */
handler comment_act, comment_list;
warmer comment_warm, comment_act_warm;

/* relation.c */
handler relation_act, follow_list, follower_list, friend_list;

/* message.c */
handler message_act, message_chat;
warmer message_warm;

/* ops.c, metrics.c */
handler ops_health, ops_ready, ops_metrics;

#endif
