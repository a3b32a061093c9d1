/** What went wrong, in words; told, too, to whoever does not look there. */
export function Problem({ says }: { says: string | null }) {
  if (says === null) return null
  return (
    <p className="problem" role="alert">
      {says}
    </p>
  )
}
