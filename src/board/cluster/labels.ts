/** What tells the namespaces of hunts from others, and one from another. */
export const labels = {
  player: 'shambhala.dev/player',
  hunt: 'shambhala.dev/hunt',
  environment: 'shambhala.dev/environment',
} as const
