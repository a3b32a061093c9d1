/** Light, dark, or as the system says, and how close things stand; kept in this browser. */
import { useEffect } from 'react'
import { useKept } from '../kept.ts'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useKept<Theme>('theme', 'system')
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
  return [theme, setTheme]
}

export function useDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useKept<Density>('density', 'comfortable')
  useEffect(() => {
    document.documentElement.dataset.density = density
  }, [density])
  return [density, setDensity]
}
