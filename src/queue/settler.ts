import { engine, type Viewer } from '../access/viewer.js';

/** Who settles: the engine's own jobs, a contact's device, or whoever works an external system's queue. */
export type Settler = 'ENGINE' | 'CONTACT' | 'SYSTEM';

export function settlerOf(viewer: Viewer): Settler {
  return viewer === engine ? 'ENGINE' : viewer.role === 'CONTACT' ? 'CONTACT' : 'SYSTEM';
}
