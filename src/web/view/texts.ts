import { createInstance } from 'i18next'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '../../core/text.ts'
import { typeset } from '../../core/typeset.ts'
import { packageRoot } from '../../lib/root.ts'

export interface Texts {
  /** A key that has no text reads as `⟦key⟧`, which the tests of the pages look for. */
  t: (language: Language, key: string, values?: Readonly<Record<string, unknown>>) => string
  has: (language: Language, key: string) => boolean
}

/** The words of the pages, from `locales/`. Values come out as they went in: whoever shows them escapes them. */
export function createTexts(languages: readonly Language[]): Texts {
  const folder = join(packageRoot(), 'src', 'web', 'locales')
  const read = (language: Language) =>
    JSON.parse(readFileSync(join(folder, `${language}.json`), 'utf8'), (_, value: unknown) =>
      typeof value === 'string' ? typeset(value, language) : value,
    ) as object
  const i18n = createInstance()
  void i18n.init({
    initAsync: false,
    fallbackLng: false,
    supportedLngs: [...languages],
    resources: Object.fromEntries(languages.map((language) => [language, { translation: read(language) }])),
    interpolation: { escapeValue: false },
    parseMissingKeyHandler: (key) => `⟦${key}⟧`,
  })
  return {
    t: (language, key, values = {}) => i18n.t(key, { ...values, lng: language }),
    has: (language, key) => i18n.exists(key, { lng: language }),
  }
}
