import { test } from 'node:test'
import { lacksProofNode, proveOnNode } from '../helpers/proof-node.ts'

test(
  'The kitchen and the village are proven on a real node: solutions pass, wrong ways fail where they say, printed lines work',
  { skip: lacksProofNode() },
  async (t) => proveOnNode(t, ['cold-kitchen', 'charted-village']),
)
