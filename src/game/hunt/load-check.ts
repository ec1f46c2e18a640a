import type { ChallengeCheck, ChallengeFile } from '../../core/challenge.ts'
import { suggestion } from '../../lib/nearest.ts'
import { schemaFaults } from '../../lib/yaml-file/schema-faults.ts'
import type { FileFault, YamlFile } from '../../lib/yaml-file.ts'
import type { CheckKinds } from '../../checks/check.ts'

const ownKeys = ['name', 'as', 'expect']

/**
 * `name`, `as`, `expect`, and exactly one key that is a check kind with its spec. What is wrong is added to `faults`; the
 * check is given all the same, so that its expressions can be looked at too.
 */
export function loadCheck(
  check: ChallengeFile['checks'][number],
  index: number,
  file: YamlFile<ChallengeFile>,
  { kinds, faults }: { kinds: CheckKinds; faults: FileFault[] },
): ChallengeCheck {
  const { name, as, expect, ...rest } = check
  const path = ['checks', index]
  const keys = Object.keys(rest)
  const kindName = kindAmong(keys, kinds, (key, message) =>
    faults.push(file.fault(key === null ? path : [...path, key], message)),
  )
  const spec = rest[kindName] ?? {}
  const kind = kinds.get(kindName)
  const parsed = kind?.spec.safeParse(spec)
  if (kind && parsed && !parsed.success) {
    for (const { path: inner, message } of schemaFaults(parsed.error.issues, kind.spec)) {
      const where = [kindName, ...inner]
      faults.push(file.fault([...path, ...where], `${where.join('.')}: ${message}`))
    }
  }
  return { kind: kindName, as: as ?? kindName, name, spec, expect }
}

/** The key that names the kind; `tell` hears of what stands beside it. */
function kindAmong(
  keys: readonly string[],
  kinds: CheckKinds,
  tell: (key: string | null, message: string) => void,
): string {
  const known = keys.filter((key) => kinds.has(key))
  const names = [...kinds.keys()].join(', ')
  const [first] = known
  if (first !== undefined) {
    if (known.length > 1)
      tell(null, `this check names several kinds: ${known.join(', ')}; write exactly one of: ${names}`)
    for (const key of keys.filter((one) => !kinds.has(one)))
      tell(key, `there is no key ${key} here${suggestion(key, ownKeys)}; there are: ${ownKeys.join(', ')}`)
    return first
  }
  if (keys.length === 0) tell(null, `this check names no kind; write exactly one of: ${names}`)
  for (const key of keys) {
    const meant = suggestion(key, [...ownKeys, ...kinds.keys()])
    tell(key, `there is no check kind ${JSON.stringify(key)}${meant}; there are: ${names}`)
  }
  return keys[0] ?? 'unknown'
}
