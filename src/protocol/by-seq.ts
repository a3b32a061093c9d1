/** Lists of things with an id and a place (`seq`). Pure. */

/**
 * Insert or replace by id, keeping the list sorted by `seq`. **Invariant:** putting a list's own entries, in order, into
 * an empty one gives that list again; a snapshot relies on it.
 */
export function putBySeq<T extends { readonly id: string; readonly seq: number }>(
  list: readonly T[],
  entry: T,
): T[] {
  const index = list.findLastIndex((known) => known.id === entry.id)
  if (index >= 0 && list[index]?.seq === entry.seq) return list.with(index, entry)
  const others = index >= 0 ? list.toSpliced(index, 1) : list
  // Almost always the newest; a late one goes where its seq says.
  const before = others.findLastIndex((known) => known.seq <= entry.seq)
  return others.toSpliced(before + 1, 0, entry)
}
