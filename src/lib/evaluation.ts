// What the evaluator and its worker thread say to each other.

export type EvaluationResult = { value: unknown } | { error: string }

export interface EvaluationRequest {
  id: number
  /** Evaluated in order, up to the first that is not true; of that one the chains too. */
  expressions: { that: string; chains: string[] }[]
  values: Record<string, unknown>
}

export type Evaluated = { result: EvaluationResult; seen: EvaluationResult[] }[]

/** What the thread says: once that it has started, then an answer to each request. */
export type ThreadAnswer = { ready: true } | { id: number; results: Evaluated }
