/** Identifiers made from the engine's own source of randomness, so that a run can be repeated exactly. */

/** A version 4 UUID. */
export function uuidFrom(random: () => number): string {
  const digit = () => Math.floor(random() * 16);
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) =>
    (place === 'x' ? digit() : (digit() & 3) | 8).toString(16),
  );
}
