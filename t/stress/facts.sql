-- facts.sql: the expected reply of each endpoint, computed from the facts.
CREATE SCHEMA stress;
SET search_path = stress, public;

CREATE FUNCTION person(u bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('id', id, 'name', name,
        'follow_count', (SELECT count(*) FROM follow WHERE user_id = u),
        'follower_count', (SELECT count(*) FROM follow WHERE to_user_id = u),
        'favorite_count', (SELECT count(*) FROM favorite WHERE user_id = u),
        'total_favorited', (SELECT count(*) FROM favorite f JOIN video v ON v.id = f.video_id
                            WHERE v.author_id = u),
        'work_count', (SELECT count(*) FROM video WHERE author_id = u AND state <> 'failed'),
        'is_follow', EXISTS (SELECT FROM follow WHERE user_id = viewer AND to_user_id = u))
    FROM account WHERE id = u
$$;

CREATE FUNCTION clip(v bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('id', id, 'title', title, 'author', person(author_id, viewer),
        'favorite_count', (SELECT count(*) FROM favorite WHERE video_id = v),
        'comment_count', (SELECT count(*) FROM comment
                          WHERE video_id = v AND deleted_at IS NULL),
        'is_favorite', EXISTS (SELECT FROM favorite WHERE user_id = viewer AND video_id = v))
    FROM video WHERE id = v
$$;

CREATE FUNCTION clips(ids bigint[], viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('video_list', coalesce(json_agg(clip(id, viewer) ORDER BY n), '[]'))
    FROM unnest(ids) WITH ORDINALITY AS list (id, n)
$$;

CREATE FUNCTION feed(viewer bigint, before bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT clips(ARRAY (SELECT id FROM video WHERE state = 'ready' AND published_at < before
                        ORDER BY published_at DESC LIMIT 30), viewer)
$$;

CREATE FUNCTION works(u bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT clips(ARRAY (SELECT id FROM video WHERE author_id = u AND (state = 'ready' OR u = viewer)
                        ORDER BY id DESC), viewer)
$$;

CREATE FUNCTION likes(u bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT clips(ARRAY (SELECT video_id FROM favorite WHERE user_id = u ORDER BY id DESC), viewer)
$$;

CREATE FUNCTION people(ids bigint[], viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('user_list', coalesce(json_agg(person(id, viewer) ORDER BY n), '[]'))
    FROM unnest(ids) WITH ORDINALITY AS list (id, n)
$$;

CREATE FUNCTION follows(u bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT people(ARRAY (SELECT to_user_id FROM follow WHERE user_id = u ORDER BY id DESC), viewer)
$$;

CREATE FUNCTION followers(u bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT people(ARRAY (SELECT user_id FROM follow WHERE to_user_id = u ORDER BY id DESC), viewer)
$$;

CREATE FUNCTION friends(u bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('user_list', coalesce(json_agg((person(l.to_user_id, u)::jsonb ||
        jsonb_build_object('message', coalesce(m.content, ''),
                           'msgType', (coalesce(m.from_user_id, 0) = u)::integer))
        ORDER BY l.id DESC), '[]'))
    FROM follow l
    JOIN follow back ON back.user_id = l.to_user_id AND back.to_user_id = u
    LEFT JOIN LATERAL (SELECT content, from_user_id FROM message
                       WHERE low_id = least(u, l.to_user_id) AND high_id = greatest(u, l.to_user_id)
                       ORDER BY created_at DESC LIMIT 1) m ON true
    WHERE l.user_id = u
$$;

CREATE FUNCTION comments(v bigint, viewer bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('comment_list', coalesce(json_agg(json_build_object('id', id,
        'content', content, 'user', person(user_id, viewer)) ORDER BY id DESC), '[]'))
    FROM (SELECT * FROM comment WHERE video_id = v AND deleted_at IS NULL
          ORDER BY id DESC LIMIT 1000) c
$$;

-- Since 0: both sides.  Otherwise: messages of the other user.
CREATE FUNCTION chat(viewer bigint, other bigint, since bigint) RETURNS json LANGUAGE sql STABLE
SET search_path = stress, public AS $$
    SELECT json_build_object('message_list', coalesce(json_agg(json_build_object('id', id,
        'content', content, 'from_user_id', from_user_id, 'create_time', created_at)
        ORDER BY created_at), '[]'))
    FROM (SELECT * FROM message
          WHERE low_id = least(viewer, other) AND high_id = greatest(viewer, other)
                AND created_at > since AND (since = 0 OR from_user_id = other)
          ORDER BY created_at DESC LIMIT 1000) m
$$;
