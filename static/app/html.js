// html`...`: the tagged template for components.
import { h } from 'preact';
import htm from 'htm';

export const html = htm.bind(h);
