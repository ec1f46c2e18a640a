/** Parts that a board may have; a challenge `needs` some of them. A new one begins with its name here: what else it takes does not compile until it is there. */
export const boardParts = ['forge', 'registry', 'cluster', 'pipelines'] as const
export type BoardPart = (typeof boardParts)[number]

/** Parts that are read as they are at the instant of the look. What the forge holds is judged as it was received. */
export const liveParts: readonly BoardPart[] = ['registry', 'cluster', 'pipelines']
