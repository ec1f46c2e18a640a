import type { ImageRow, PushRefusal, RegistryModel } from '../../src/web/models/workspace.ts'

const host = 'registry.abhra.example.org:5000'
const hex = '9d3c1f0b7a5e42680c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccdd'

export function registrySample(over: Partial<RegistryModel> = {}): RegistryModel {
  return {
    path: `${host}/maximilienne/`,
    username: 'maximilienne',
    flags: ['buildah --tls-verify=false', 'podman --tls-verify=false', 'helm --plain-http'],
    login: `docker login ${host} -u maximilienne`,
    used: 431 * 2 ** 20,
    budget: { bytes: 512 * 2 ** 20, high: 410 * 2 ** 20 },
    full: null,
    ...over,
  }
}

export function imagesSample(): ImageRow[] {
  const image = (repository: string, tags: string[], mark: string, over: Partial<ImageRow> = {}) => {
    const digest = `sha256:${mark}${hex.slice(mark.length)}`
    return {
      repository,
      tags,
      digest,
      shortDigest: digest.slice(7, 19),
      bytes: 3_412_220,
      pushedAt: '2027-03-12T19:31:07+01:00',
      usedBy: [],
      ...over,
    }
  }
  const namespace = 'hunt-maximilienne'
  return [
    image('scroll', ['1.4.2', 'latest'], 'a1', {
      usedBy: [
        { namespace, pod: 'scroll-7c9d8b5f6d-x2x4q' },
        { namespace: `${namespace}-staging`, pod: 'scroll-66b7c5d9f8-m8k2p' },
      ],
    }),
    image(`deep/${'er/'.repeat(12)}lantern`, [`build-${'0123456789'.repeat(8)}`], 'b2', {
      bytes: 187_000_000,
    }),
    image('scroll', [], 'c3', { usedBy: null }),
    image('lamp', ['0.1.0'], 'd4', { bytes: 912 }),
  ]
}

export function refusalsSample(): PushRefusal[] {
  return [
    { repository: 'dolma/scroll', why: 'path', at: '2027-03-12T19:40:07+01:00' },
    {
      repository: `maximilienne/${'very-long-name/'.repeat(9)}x`,
      why: 'storage',
      at: '2027-03-12T19:12:00+01:00',
    },
  ]
}
