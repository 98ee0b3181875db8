// The state of the feed that other modules observe.
import { signal } from '@preact/signals';

// The current position in the list.
export const index = signal(0);

// The current video's signal from the store; null until loaded.
export const currentVideo = signal(null);
