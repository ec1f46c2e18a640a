import Handlebars from 'handlebars'
import { formatNumber } from './number-words.ts'
import { blocks, helpers, parseTemplate } from './template-syntax.ts'
import { visible } from './visible.ts'
import { shortId } from './short-id.ts'
import type { Language } from './text.ts'

/** Longest text that a template may render to, in characters. */
const longest = 200_000
/** Items that `each` and `join` go through: blocks may stand in blocks, and each item costs time. */
const mostItems = 100
const nothing = '–'

const engine = createEngine()

/**
 * Renders an author's template. Values are data: a template inside them is not rendered, prototypes are out of reach,
 * nothing is escaped for HTML (pages escape what they show). What is missing or empty renders as a dash, what cannot be
 * seen is written out. Numbers that `number` shows are grouped as the language does.
 */
export function compileText(
  template: string,
  values: Readonly<Record<string, unknown>>,
  language: Language = 'en',
): string {
  if (!template.includes('{{')) return template
  const rendered = compiled(template)(values, {
    allowProtoPropertiesByDefault: false,
    allowProtoMethodsByDefault: false,
    data: { language },
  })
  return rendered.length > longest ? `${rendered.slice(0, longest)}…` : rendered
}

/** Renders the templates in every string of a check's spec. */
export function renderSpec(spec: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof spec === 'string') return compileText(spec, values)
  if (Array.isArray(spec)) return spec.map((item) => renderSpec(item, values))
  if (typeof spec !== 'object' || spec === null) return spec
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [compileText(key, values), renderSpec(value, values)]),
  )
}

function createEngine(): typeof Handlebars {
  const made = Handlebars.create()
  const each = made.helpers['each']
  if (!each) throw new Error('handlebars has no each')
  made.unregisterHelper('log')
  made.unregisterHelper('lookup')
  made.unregisterHelper('with')
  made.registerHelper('each', function (this: unknown, items: unknown, options: Handlebars.HelperOptions) {
    return each.call(this, firstOf(items), options) as unknown
  })
  made.registerHelper('show', shown)
  made.registerHelper('short', (oid: unknown) => (typeof oid === 'string' ? shown(shortId(oid)) : nothing))
  made.registerHelper('number', (value: unknown, { data }: Handlebars.HelperOptions) =>
    typeof value === 'number' ? formatNumber(value, (data as { language: Language }).language) : shown(value),
  )
  // Lists count from nought, people from one.
  made.registerHelper('nth', (index: unknown) =>
    typeof index === 'number' ? String(index + 1) : shown(index),
  )
  made.registerHelper('size', sizeOf)
  made.registerHelper('count', sizeOf)
  made.registerHelper('join', (items: unknown, separator: unknown) => {
    if (!Array.isArray(items) || items.length === 0) return typeof items === 'string' ? shown(items) : nothing
    const joined = items.slice(0, mostItems).map(shown)
    if (items.length > mostItems) joined.push('…')
    return joined.join(typeof separator === 'string' ? separator : ', ')
  })
  return made
}

function shown(value: unknown): string {
  // A file's last newline is no part of what it says.
  if (typeof value === 'string') return visible(value.replace(/\r?\n$/, '')) || nothing
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  if (typeof value === 'object' && value !== null) return visible(JSON.stringify(value))
  return nothing
}

function sizeOf(value: unknown): number {
  if (Array.isArray(value) || typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

function firstOf(items: unknown): unknown {
  if (Array.isArray(items)) return items.slice(0, mostItems)
  if (typeof items !== 'object' || items === null) return undefined
  return Object.fromEntries(Object.entries(items).slice(0, mostItems))
}

const knownHelpers = { ...Object.fromEntries([...helpers, 'show'].map((name) => [name, true])), ...blocks }
// Templates come from the hunt's files: there are as many as the files have.
const cache = new Map<string, Handlebars.TemplateDelegate>()

function compiled(template: string): Handlebars.TemplateDelegate {
  const known = cache.get(template)
  if (known) return known
  const made = engine.compile(parseTemplate(template), {
    noEscape: true,
    knownHelpers,
    knownHelpersOnly: true,
  })
  if (cache.size > 5000) cache.clear()
  cache.set(template, made)
  return made
}
