-- like.lua: likes and unlikes all videos in turn.  Argument: the token.
local n = 0

function init(args)
	token = args[1]
end

function request()
	n = n + 1
	return wrk.format("POST", "/douyin/favorite/action/?token=" .. token ..
		"&video_id=" .. (1 + n % 2000) .. "&action_type=" .. (1 + math.floor(n / 2000) % 2))
end
