/** What a mention may be completed to: files by Codex's own search, skills by its list. */
import { useEffect, useMemo, useState } from 'react'
import type { Skill } from '../../protocol/catalog.ts'
import { useHub } from '../hub.ts'
import { fileMention, skillNames, type Token } from './tokens.ts'

/** Whose files and skills are meant. */
export interface PromptPlace {
  readonly sessionId?: string
  readonly cwd?: string
}

export interface Mention {
  readonly kind: Token['kind']
  /** What is put into the text. */
  readonly text: string
  readonly title: string
  readonly more: string
}

const SHOWN = 10
/** Letters that come faster than this are searched for together. */
const PAUSE_MS = 60

const NONE: readonly Mention[] = []

export function useMentions(place: PromptPlace, token: Token | null): readonly Mention[] {
  const files = useFiles(place, token?.kind === 'file' ? token.query : null)
  const skills = useSkills(place, token?.kind === 'skill')
  return useMemo(() => {
    if (token === null) return NONE
    if (token.kind === 'file') return files
    const query = token.query.toLowerCase()
    return skills
      .filter(({ name }) => name.toLowerCase().includes(query))
      .slice(0, SHOWN)
      .map(({ name, description }) => ({ kind: 'skill', text: `$${name}`, title: name, more: description }))
  }, [token, files, skills])
}

function useFiles({ sessionId, cwd }: PromptPlace, query: string | null): readonly Mention[] {
  const hub = useHub()
  const [found, setFound] = useState<readonly Mention[]>(NONE)
  useEffect(() => {
    if (query === null || (sessionId === undefined && !cwd)) {
      setFound(NONE)
      return
    }
    let isGone = false
    const timer = setTimeout(() => {
      const place = sessionId === undefined ? { cwd } : { sessionId }
      hub.request('file/search', { ...place, query, limit: SHOWN }).then(
        ({ files }) => {
          if (isGone) return
          setFound(
            files.map(({ path, kind }) => ({
              kind: 'file',
              text: fileMention(path),
              title: path.split('/').at(-1) ?? path,
              more: kind === 'folder' ? `${path}/` : path,
            })),
          )
        },
        // Without a search a path is written by hand.
        () => !isGone && setFound(NONE),
      )
    }, PAUSE_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [hub, sessionId, cwd, query])
  return found
}

/** Enabled skills of a place, read once they are wanted. */
export function useSkills({ sessionId, cwd }: PromptPlace, isWanted: boolean): readonly Skill[] {
  const hub = useHub()
  const [skills, setSkills] = useState<readonly Skill[]>([])
  useEffect(() => {
    if (!isWanted || (sessionId === undefined && !cwd)) return
    let isGone = false
    const place = sessionId === undefined ? { cwds: cwd ? [cwd] : [] } : { sessionId }
    hub.request('skill/list', place).then(
      ({ folders }) => {
        const all = folders.flatMap(({ skills: some }) => some.filter(({ enabled }) => enabled))
        if (!isGone) setSkills([...new Map(all.map((skill) => [skill.path, skill])).values()])
      },
      // Codex finds a skill by its name in the text as well.
      () => {},
    )
    return () => {
      isGone = true
    }
  }, [hub, sessionId, cwd, isWanted])
  return skills
}

/** The skills that a text names. */
export function namedSkills(text: string, skills: readonly Skill[]): { name: string; path: string }[] {
  return skillNames(text).flatMap((name) => {
    const skill = skills.find((each) => each.name === name)
    return skill ? [{ name, path: skill.path }] : []
  })
}
