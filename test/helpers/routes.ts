import type { Express } from 'express'

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> }
  handle: unknown
}

/** Paths of every page (`get`) or form (`post`); all routers but the API's are mounted at the root. */
export function pathsOf({ router }: Express, method: 'get' | 'post'): string[] {
  const layers = (stack: Layer[]): string[] =>
    stack.flatMap(({ route, handle }) => {
      if (route) return route.methods[method] ? [route.path].flat() : []
      return isRouter(handle) ? layers(handle.stack) : []
    })
  return layers(router.stack as unknown as Layer[])
}

function isRouter(handle: unknown): handle is { stack: Layer[] } {
  return typeof handle === 'function' && 'stack' in handle
}
