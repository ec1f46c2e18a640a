import { createHash } from 'node:crypto'
import Handlebars from 'handlebars'

const mostRounds = 5000
const longest = 4 * 2 ** 20

/** Renders the `*.hbs` files of a starter. The helpers give the same text for the same values, always. */
export const starterEngine = createEngine()

function createEngine() {
  const engine = Handlebars.create()
  engine.registerHelper('times', function (this: unknown, count: unknown, options: Handlebars.HelperOptions) {
    const rounds = Math.min(Number(count), mostRounds)
    const parts: string[] = []
    for (let index = 0; index < rounds; index += 1) {
      const data = {
        ...(Handlebars.createFrame(options.data as object) as object),
        index,
        first: index === 0,
        last: index === rounds - 1,
      }
      parts.push(options.fn(this, { data, blockParams: [index] }))
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
    later(String(start), numbers(options.hash as Record<string, unknown>)),
  )
  engine.registerHelper('hash', (...values: unknown[]) => {
    const [text, length] = values.slice(0, -1)
    return createHash('sha256')
      .update(String(text))
      .digest('hex')
      .slice(0, Number(length ?? 8))
  })
  return {
    render(template: string, values: object): string {
      const text = engine.compile(template, { noEscape: true, strict: true })(values)
      if (text.length > longest)
        throw new Error(`a starter's template renders to more than ${longest} characters`)
      return text
    },
  }
}

interface Shift {
  days?: number
  hours?: number
  minutes?: number
}

function pick(list: unknown, index: number): unknown {
  const items = Array.isArray(list) ? list : String(list).split(/[\s,]+/)
  return items[((index % items.length) + items.length) % items.length]
}

function numbers(hash: Record<string, unknown>): Shift {
  return Object.fromEntries(Object.entries(hash).map(([name, value]) => [name, Number(value)]))
}

/** A time moved on, written in the offset that it came in. */
function later(start: string, { days = 0, hours = 0, minutes = 0 }: Shift): string {
  const offset = /(Z|[+-]\d\d:\d\d)$/.exec(start)?.[1] ?? 'Z'
  const [, sign = '+', hour = '0', minute = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? []
  const zone = (Number(hour) * 60 + Number(minute)) * (sign === '-' ? -1 : 1)
  const moved = Date.parse(start) + ((days * 24 + hours) * 60 + minutes + zone) * 60_000
  return `${new Date(moved).toISOString().slice(0, 19)}${offset}`
}
