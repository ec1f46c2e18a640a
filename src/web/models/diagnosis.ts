/** Partial `diagnosis`: why things in the player's namespace do not run. `GET /hunt/:id?fragment=diagnosis` answers with it alone. */
export interface DiagnosisModel {
  problems: readonly ProblemModel[]
  /** How many more there are. */
  more: number
}

export interface ProblemModel {
  /** `quota-exceeded` and the like, for scripts and tests. */
  code: string
  text: string
  /** The last lines of a container's log, or ''. */
  log: string
  /** It may mend by itself. */
  heals: boolean
  /** The board has to mend it, not the player. */
  ours: boolean
}
