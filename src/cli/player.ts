import type { Config } from '../config.ts'
import type { Database } from '../db/client.ts'
import { findPlayers } from '../db/desk.ts'
import type { MemberRow } from '../db/members.ts'
import { membersNamed } from '../game/people/members.ts'
import { makeOrganizerLink, promote } from '../game/people/organizers.ts'
import { makePasswordLink } from '../game/people/passwords.ts'
import { Fault } from '../lib/errors.ts'
import { inUrl, isEverywhere } from '../lib/listen.ts'

/** `player list | password-link NAME | organizer NAME | organizer-link`. Works beside a running server. */
export async function player(
  config: Config,
  sql: Database,
  verb: string,
  name: string | undefined,
  format: string,
): Promise<void> {
  const host = isEverywhere(config.host) ? 'localhost' : inUrl(config.host)
  const base = config.baseUrl ?? `http://${host}:${config.port}`
  if (verb === 'list') await list(sql, name ?? '', format)
  else if (verb === 'password-link') {
    const { token } = await makePasswordLink({ sql }, (await find(sql, name)).id, null)
    say(`${base}/reset/${token}`)
  } else if (verb === 'organizer') {
    const member = await find(sql, name)
    await promote({ sql }, member.id)
    say(`${member.name} is an organizer now, and plays on.`)
  } else if (verb === 'organizer-link') say(`${base}/organizer/${await makeOrganizerLink({ sql })}`)
  else
    throw new Fault(
      `There is no "player ${verb}": use list, password-link NAME, organizer NAME or organizer-link.`,
    )
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function list(sql: Database, text: string, format: string): Promise<void> {
  const players = await findPlayers(sql, text, 10_000)
  if (format === 'json') {
    say(JSON.stringify(players, null, 2))
    return
  }
  for (const one of players)
    say(
      `${one.slug.padEnd(21)} ${String(one.score).padStart(6)}  ${one.name ?? ''}${one.hidden ? '  (hidden)' : ''}`,
    )
  say(`${players.length} players`)
}

async function find(sql: Database, name: string | undefined): Promise<MemberRow> {
  if (name === undefined) throw new Fault('Name the player: their name or slug.')
  const members = await membersNamed({ sql }, name)
  if (members.length > 1)
    throw new Fault(
      `Several play as ${name}: name the person, one of ${members.map((one) => one.name).join(', ')}.`,
    )
  const [member] = members
  if (!member)
    throw new Fault(`There is no player ${JSON.stringify(name)}: "bin/shambhala player list" shows them all.`)
  return member
}
