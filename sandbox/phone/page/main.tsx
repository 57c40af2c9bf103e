import './styles/page.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { applyTheme, storedTheme } from './ui/theme.ts'
import { followArrival } from './world/actions.ts'
import { newNarration } from './world/narrate.ts'
import { setState } from './world/store.ts'
import { connect } from './world/sync.ts'

applyTheme(storedTheme())
setState({ narration: newNarration() })
void connect().then(followArrival)
const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
