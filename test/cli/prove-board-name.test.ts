import { test } from 'node:test'
import { lacksProofNode, proveOnNode } from '../helpers/proof-node.ts'

test(
  'The name on the door is proven on a real node, and its printed lines work where the village left the player',
  { skip: lacksProofNode() },
  async (t) => proveOnNode(t, ['own-name']),
)
