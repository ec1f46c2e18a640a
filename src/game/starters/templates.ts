import { createHash } from 'node:crypto'
import Handlebars from 'handlebars'
import { fileMs } from '../../core/hunt-bounds.ts'
import { assertShallow } from '../../core/template-bounds.ts'
import { inTime } from '../../lib/in-time.ts'

const mostRounds = 5000
const longest = 4 * 2 ** 20
/** Rounds of loops and calls of partials in one rendering: they may be in each other, and partials call themselves. */
const mostTurns = 200_000

/** Renders the `*.hbs` files of a starter. The helpers give the same text for the same values, always. */
export const starterEngine = createEngine()

function createEngine() {
  const engine = Handlebars.create()
  const { begin, turn } = countTurns(engine)
  engine.registerHelper('times', function (this: unknown, count: unknown, options: Handlebars.HelperOptions) {
    const rounds = Math.min(Number(count), mostRounds)
    const parts: string[] = []
    let length = 0
    for (let index = 0; index < rounds; index += 1) {
      turn()
      const data = {
        ...(Handlebars.createFrame(options.data as object) as object),
        index,
        first: index === 0,
        last: index === rounds - 1,
      }
      const part = options.fn(this, { data, blockParams: [index] })
      length += part.length
      if (length > longest) throw tooLong()
      parts.push(part)
    }
    return parts.join('')
  })
  engine.registerHelper('add', (a: unknown, b: unknown) => Number(a) + Number(b))
  engine.registerHelper('sub', (a: unknown, b: unknown) => Number(a) - Number(b))
  engine.registerHelper('mod', (a: unknown, b: unknown) => Number(a) % Number(b))
  engine.registerHelper('eq', (a: unknown, b: unknown) => String(a) === String(b))
  engine.registerHelper('lt', (a: unknown, b: unknown) => Number(a) < Number(b))
  engine.registerHelper('gte', (a: unknown, b: unknown) => Number(a) >= Number(b))
  engine.registerHelper('and', (...values: unknown[]) => values.slice(0, -1).every(Boolean))
  engine.registerHelper('or', (...values: unknown[]) => values.slice(0, -1).some(Boolean))
  engine.registerHelper('pad', (value: unknown, width: unknown) => String(value).padStart(Number(width), '0'))
  engine.registerHelper('list', (...values: unknown[]) => values.slice(0, -1))
  engine.registerHelper('pick', (list: unknown, index: unknown) => pick(list, Number(index)))
  engine.registerHelper('date', (start: unknown, options: Handlebars.HelperOptions) =>
    later(String(start), options.hash as Record<string, unknown>),
  )
  engine.registerHelper('hash', (...values: unknown[]) => {
    const [text, length] = values.slice(0, -1)
    return createHash('sha256')
      .update(String(text))
      .digest('hex')
      .slice(0, Number(length ?? 8))
  })
  // A player's name may hold what means something in YAML.
  engine.registerHelper('json', (value: unknown) => JSON.stringify(value))
  return {
    render(template: string, values: object, milliseconds = fileMs): string {
      assertShallow(template)
      begin()
      const text = inTime(milliseconds, () =>
        engine.compile(template, { noEscape: true, strict: true })(values),
      )
      if (text.length > longest) throw tooLong()
      return text
    },
  }
}

/** Also of what comes with Handlebars. */
function countTurns(engine: typeof Handlebars): { begin: () => void; turn: () => void } {
  let left = mostTurns
  const turn = () => {
    left -= 1
    if (left < 0) throw new Error(`a starter's template goes round more than ${mostTurns} times`)
  }
  const each = engine.helpers['each'] as Handlebars.HelperDelegate
  engine.registerHelper('each', function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
    const fn: typeof options.fn = (...given) => {
      turn()
      return options.fn(...given)
    }
    return each.call(this, list, { ...options, fn }) as string
  })
  const { VM } = engine as unknown as { VM: { invokePartial: (...given: unknown[]) => unknown } }
  const { invokePartial } = VM
  Object.assign(engine, {
    VM: {
      ...VM,
      invokePartial(this: unknown, ...given: unknown[]) {
        turn()
        return invokePartial.apply(this, given)
      },
    },
  })
  return {
    begin: () => {
      left = mostTurns
    },
    turn,
  }
}

function tooLong(): Error {
  return new Error(`a starter's template renders to more than ${longest} characters`)
}

const seconds = { days: 86_400, hours: 3600, minutes: 60, seconds: 1 } as const

function pick(list: unknown, index: number): unknown {
  const items = Array.isArray(list) ? list : String(list).split(/[\s,]+/)
  return items[((index % items.length) + items.length) % items.length]
}

/** A time moved on, written in the offset that it came in: the hours of a day stay the same also where clocks change. */
function later(start: string, shift: Record<string, unknown>): string {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|([+-])(\d\d):(\d\d))$/.exec(start)
  if (!match || Number.isNaN(Date.parse(start)))
    throw new Error(`date needs a time with its offset, such as 2021-03-01T09:00:00+01:00, not ${start}`)
  const [, offset = 'Z', sign = '+', hour = '0', minute = '0'] = match
  const zone = (Number(hour) * 60 + Number(minute)) * (sign === '-' ? -60 : 60)
  const by = Object.entries(shift).reduce((sum, [unit, count]) => sum + secondsOf(unit, count), 0)
  return `${new Date(Date.parse(start) + (by + zone) * 1000).toISOString().slice(0, 19)}${offset}`
}

function secondsOf(unit: string, count: unknown): number {
  if (!Object.hasOwn(seconds, unit))
    throw new Error(`date knows ${Object.keys(seconds).join(', ')}, not ${unit}`)
  const number = Number(count) * seconds[unit as keyof typeof seconds]
  if (!Number.isFinite(number)) throw new Error(`date needs a number of ${unit}, not ${String(count)}`)
  return Math.round(number)
}
