import { Html, html } from './html.ts'

const STYLE = new Html(`
:root { color-scheme: light dark; --page: #f5f6f7; --panel: #fff; --text: #15191e; --quiet: #56606b; --line: #d9dee3;
  --accent: #0b6b63; --on-accent: #fff; --bad: #a3211b; --bad-panel: #fdeeed; --note: #fff4d6; --on-note: #4f3a00; }
@media (prefers-color-scheme: dark) { :root { --page: #101418; --panel: #181d22; --text: #e8ecef; --quiet: #a0abb5;
  --line: #313a43; --accent: #57cdbf; --on-accent: #06211e; --bad: #ff9d96; --bad-panel: #3a1917; --note: #3a2f10; --on-note: #ffe7a8; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; font-variant-numeric: tabular-nums }
.ribbon { margin: 0; padding: 8px 16px; background: var(--note); color: var(--on-note); font-size: 14px; text-align: center }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; display: grid; gap: 24px; grid-template-columns: minmax(0, 1fr) }
@media (min-width: 760px) { main.two { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); padding-top: 56px; gap: 48px } }
main.narrow { max-width: 520px }
h1 { margin: 0; font-size: 16px; font-weight: 600; overflow-wrap: anywhere }
h2 { margin: 0 0 12px; font-size: 16px; font-weight: 600 }
p { margin: 0 }
.quiet { color: var(--quiet); font-size: 14px }
.amount { font-size: 36px; font-weight: 600; line-height: 1.2; margin: 8px 0 16px; overflow-wrap: anywhere }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 20px }
.stack { display: grid; gap: 16px }
ul.lines { list-style: none; margin: 0; padding: 0 }
ul.lines li { display: flex; gap: 16px; justify-content: space-between; align-items: center; padding: 10px 0; border-top: 1px solid var(--line) }
ul.lines li:first-child { border-top: 0 }
ul.lines span { min-width: 0; overflow-wrap: anywhere }
label.field, .field { display: grid; gap: 6px; font-size: 14px; font-weight: 500 }
input[type=email], select { width: 100%; font: inherit; font-size: 16px; padding: 10px 12px; color: inherit; background: var(--page); border: 1px solid var(--quiet); border-radius: 6px }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
legend { padding: 0; margin-bottom: 6px; font-size: 14px; font-weight: 500 }
.choice { display: flex; gap: 12px; padding: 10px 12px; border: 1px solid var(--line); border-top-width: 0; cursor: pointer }
.choice:first-of-type { border-top-width: 1px; border-radius: 6px 6px 0 0 } .choice:last-of-type { border-radius: 0 0 6px 6px }
.choice input { margin: 5px 0 0; accent-color: var(--accent); flex: none } .choice b { font-weight: 500; display: block } .choice small { color: var(--quiet); font-size: 14px; font-weight: 400 }
.choice:has(:checked) { background: color-mix(in srgb, var(--accent) 9%, transparent) }
button { font: inherit; font-weight: 600; padding: 12px 16px; border-radius: 6px; border: 1px solid transparent; background: var(--accent); color: var(--on-accent); cursor: pointer }
button.wide { width: 100% } button.plain { background: transparent; color: inherit; border-color: var(--quiet); font-weight: 500 } button.small { padding: 6px 10px; font-size: 14px }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.alert { padding: 12px 16px; border-radius: 6px; border: 1px solid var(--bad); background: var(--bad-panel); color: var(--bad) }
`)

const NOTE = 'Sandbox checkout: no real money. This page stands in for Stripe.'

export function page(input: { title: string; layout: 'two' | 'narrow'; body: Html }): string {
  const { title, layout, body } = input
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<p class="ribbon" role="note">${NOTE}</p>
<main class="${layout}">
${body}
</main>
</body>
</html>`.text
}

/** A page with one thing to say and at most one way on. */
export function messagePage(input: {
  title: string
  text: string
  link?: { href: string; label: string } | undefined
}): string {
  const { title, text, link } = input
  return page({
    title,
    layout: 'narrow',
    body: html`<section class="panel stack">
<h1>${title}</h1>
<p>${text}</p>
${link ? html`<p><a href="${link.href}">${link.label}</a></p>` : null}
</section>`,
  })
}
