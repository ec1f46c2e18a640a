import type { Tags } from 'yaml'

/** Helm reads YAML 1.1, where `on` is true and `0644` is octal, but takes dates, numbers to the base of 60 such as 1:30, and the rest as text. */
const unread = new Set(
  ['binary', 'omap', 'pairs', 'set', 'timestamp'].map((tag) => `tag:yaml.org,2002:${tag}`),
)
const isRead = (tag: Tags[number]) =>
  typeof tag === 'string' || (!unread.has(tag.tag) && !('format' in tag && tag.format === 'TIME'))

/** Pretty errors and the library's own look for repeated keys take quadratic time on hostile input. */
export const helmYaml = {
  version: '1.1',
  customTags: (tags: Tags) => tags.filter(isRead),
  logLevel: 'silent',
  prettyErrors: false,
  uniqueKeys: false,
} as const
