# shapes.jq: what replies look like.  Types count: a number in quotes is not a number.

def integer: type == "number" and . == floor;
def id: integer and . > 0;
def count: integer and . >= 0;
def text: type == "string" and length > 0;
def flag: type == "boolean";
def url: type == "string" and test("^https?://[^/]+/.+");
def ms: integer and . > 1000000000000;
def array_of(f): type == "array" and all(.[]; f);

def user: (.id | id) and (.name | text) and (.follow_count | count) and (.follower_count | count)
    and (.is_follow | flag) and (.avatar | url) and (.background_image | url) and (.signature | text)
    and (.total_favorited | count) and (.work_count | count) and (.favorite_count | count);
def friend: user and (.message | type == "string") and (.msgType == 0 or .msgType == 1) and .msg_type == .msgType and (.msgTime | type == "number");
def video: (.id | id) and (.author | user) and (.play_url | url) and (.cover_url | url)
    and (.favorite_count | count) and (.comment_count | count) and (.is_favorite | flag)
    and (.title | text);
def comment: (.id | id) and (.user | user) and (.content | text)
    and (.create_date | type == "string" and test("^(0[1-9]|1[0-2])-[0-3][0-9]$"));
def message: (.id | id) and (.to_user_id | id) and (.from_user_id | id) and (.content | text)
    and (.create_time | ms);

def base: (.status_code | integer) and (.status_msg | text);
def success: base and .status_code == 0;
def failure: base and .status_code != 0;
def error($code; $field): failure and .status_code == $code and (.status_msg | contains($field));

# Of successful replies.
def account_reply: success and (.user_id | id) and (.token | text);
def user_reply: success and (.user | user);
def feed_reply: success and (.video_list | array_of(video)) and (.next_time | ms);
def videos_reply: success and (.video_list | array_of(video)) and (.next_cursor | count);
def users_reply: success and (.user_list | array_of(user)) and (.next_cursor | count);
def friends_reply: success and (.user_list | array_of(friend)) and (.next_cursor | count);
def comments_reply: success and (.comment_list | array_of(comment)) and (.next_cursor | count);
def comment_reply: success and (.comment | comment);
def messages_reply: success and (.message_list | array_of(message)) and (.next_cursor | count);

# Of failures, which have the same keys.
def no_account: failure and .user_id == 0 and .token == "";
def no_user: failure and (.user | .id == 0 and .is_follow == false
    and (. as $user | all("name", "avatar", "background_image", "signature"; . as $k | $user | has($k)))
    and all(.follow_count, .follower_count, .total_favorited, .work_count, .favorite_count; . == 0));
def no_feed: failure and .video_list == [] and (.next_time | integer);
def no_videos: failure and .video_list == [];
def no_users: failure and .user_list == [];
def no_comments: failure and .comment_list == [];
def no_messages: failure and .message_list == [];
