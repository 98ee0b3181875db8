// What the feed shows, for others to follow.
import { signal } from '@preact/signals';

// The position in the list.
export const index = signal(0);

// The video that is looked at, as a signal of the store; null before there is one.
export const currentVideo = signal(null);
