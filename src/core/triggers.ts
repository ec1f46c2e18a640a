import type { BoardPart } from './board-parts.ts'

/** What makes a submission: somebody who asks for a verdict, or something that moved on the board. */
export const triggers = ['push', 'button', 'api', 'cluster', 'image'] as const
export type Trigger = (typeof triggers)[number]

/** Triggers for which the game itself looks whether something else is to be seen, with the part of the board where it moves. */
export const watchedParts = { cluster: 'cluster', image: 'registry' } as const satisfies Partial<
  Record<Trigger, BoardPart>
>
export type WatchedTrigger = keyof typeof watchedParts

export const watchedTriggers = Object.keys(watchedParts) as WatchedTrigger[]
