// client.ts: what somebody writes with the types that openapi-typescript makes.
import type { components, operations } from './api';

type User = components['schemas']['User'];
type Feed = operations['listFeed']['responses'][200]['content']['application/json'];

export const names = (feed: Feed): string[] => feed.video_list.map((video) => video.author.name);
export const next = (feed: Feed): number => feed.next_time;
export const known = (user: User): boolean => user.is_follow && user.follower_count > 0;
export const order: operations['commentAction']['requestBody']['content']['application/x-www-form-urlencoded'] = {
  video_id: 1, action_type: 1, comment_text: 'Nice colours!',
};
