import { Monitor, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { applyTheme, storedTheme, themes } from './theme.ts'

const icons = { system: Monitor, light: Sun, dark: Moon }

export function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme)
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  const Icon = icons[theme]
  return (
    <button
      type="button"
      className="button theme-button"
      aria-label={`Colours: ${theme}. Switch to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => {
        applyTheme(next)
        setTheme(next)
      }}
    >
      <Icon aria-hidden size={18} />
      <span className="short-label" aria-hidden>
        Colours
      </span>
    </button>
  )
}
