/** How much of a hunt's folder is read. A hunt may come from elsewhere, and honest ones are far below all of it. */
export const huntBounds = {
  /** Of `hunt.yaml`, `challenge.yaml` and the like, as they lie there. */
  yamlBytes: 2 ** 20,
  storyBytes: 256 * 2 ** 10,
  scriptBytes: 2 ** 20,
  challenges: 200,
  wrongWays: 100,
  /** Files, folders and links in all. */
  entries: 50_000,
  /** Folders in folders. */
  depth: 40,
  /** Of all files in all, as `prove` copies them. */
  bytes: 512 * 2 ** 20,
  /** After this long, what was not looked at yet is not looked at any more. */
  milliseconds: 45_000,
} as const

/** How much a challenge may hand out in one repository, or in the files of one image layer. */
export const starterBounds = {
  files: 10_000,
  bytes: 32 * 2 ** 20,
  depth: 40,
  /** Files of all commits of a history, or of all layers of all images, counted each time. */
  laid: 1_000_000,
} as const

/** The longest that one file is rendered or looked through. */
export const fileMs = 20_000
