/** The address of the hub's page, and opening addresses in the browser of this machine. */
import { CliError, EXIT } from './exit.ts'

/**
 * The page with the token in its fragment, which browsers never send; the page takes it out of the address bar at
 * once. It is for a person's eyes: whoever has it has the hub.
 */
export function pageLink(url: string, token: string): string {
  return `${url}/#token=${token}`
}

/** Open the page, logged in. @throws CliError when the hub or the system refuses */
export async function openPage(url: string, token: string): Promise<void> {
  // Arguments of processes are seen by every user of the machine: the browser gets a ticket, good once and for a minute.
  const answer = await fetch(`${url}/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => null)
  if (!answer?.ok) throw new CliError(`The hub at ${url} gives out no link to its page.`, EXIT.noHub, { url })
  const { ticket } = (await answer.json()) as { ticket: string }
  await openInBrowser(pageLink(url, ticket))
}

/** @throws CliError when the system has no browser */
export async function openInBrowser(link: string): Promise<void> {
  try {
    const { default: open } = await import('open')
    const browser = await open(link)
    // Without a browser its opener ends with an error nobody waits for.
    browser.on('error', () => {})
  } catch (error) {
    throw new CliError(
      `No browser could be opened: ${(error as Error).message}. Open the printed link.`,
      EXIT.failed,
    )
  }
}
