/** Modules are read by the hundred at once, before any of them can say a word. */
const needed = 1024

/** How many files and connections this process may have open at the same time. Node has raised it as far as it may. */
export function descriptorLimit(): number {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft: number | string } }
  }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/** Connections that are let in: the rest is for Git, the database and files, so that whoever opens them without end holds up no push. */
export function connectionsAtMost(limit = descriptorLimit()): number {
  return Math.min(Math.floor(limit / 2), Number.MAX_SAFE_INTEGER)
}

/** What an operator has to do where there are too few; null where there are enough. */
export function lackOfDescriptors(limit = descriptorLimit()): string | null {
  if (limit >= needed) return null
  return `This process may have ${limit} files open at once and needs ${needed}: raise the hard limit, by "ulimit -n ${needed}" as root, LimitNOFILE=${needed} of systemd or --ulimit nofile=${needed} of Docker.`
}
