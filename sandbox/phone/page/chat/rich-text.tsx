import { Fragment, type ReactNode, useState } from 'react'
import type { WireEntity } from '#sandbox/telegram/wire.ts'
import { followTelegramLink } from '../world/actions.ts'
import { entityTree, safeHref, type TextNode } from './entity-tree.ts'

interface RichTextProps {
  text: string
  entities?: readonly WireEntity[] | undefined
  onCommand?: (command: string) => void
  /** Set at the end of the last line where there is room. */
  tail?: ReactNode
}

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic}|\ufe0f|\p{Emoji_Modifier})*){1,3}$/u

/** A message's text as people know it. Everything is text: nothing a person wrote ever becomes markup. */
export function RichText({ text, entities = [], onCommand, tail }: RichTextProps) {
  const isBig = entities.length === 0 && ONLY_EMOJI.test(text)
  return (
    <div className={isBig ? 'text is-big' : 'text'} dir="auto">
      <Nodes nodes={entityTree(text, entities)} onCommand={onCommand} />
      {tail}
    </div>
  )
}

function Nodes({ nodes, onCommand }: { nodes: TextNode[]; onCommand: RichTextProps['onCommand'] }): ReactNode {
  return nodes.map((node, index) =>
    typeof node === 'string' ? (
      <Fragment key={index}>{node}</Fragment>
    ) : (
      <Entity key={index} node={node} onCommand={onCommand} />
    ),
  )
}

function Entity({ node, onCommand }: { node: Exclude<TextNode, string>; onCommand: RichTextProps['onCommand'] }) {
  const { entity } = node
  const inside = <Nodes nodes={node.children} onCommand={onCommand} />
  const plain = plainTextOf(node)
  switch (entity.type) {
    case 'bold':
      return <strong>{inside}</strong>
    case 'italic':
      return <em>{inside}</em>
    case 'underline':
      return <u>{inside}</u>
    case 'strikethrough':
      return <s>{inside}</s>
    case 'code':
      return <code>{inside}</code>
    case 'pre':
      return (
        <pre>
          <code>{inside}</code>
        </pre>
      )
    case 'blockquote':
    case 'expandable_blockquote':
      return <blockquote>{inside}</blockquote>
    case 'spoiler':
      return <Spoiler hiddenText={plain}>{inside}</Spoiler>
    case 'text_link':
      return <SafeLink href={entity.url ?? ''}>{inside}</SafeLink>
    case 'url':
      return <SafeLink href={plain}>{inside}</SafeLink>
    case 'email':
      return <SafeLink href={`mailto:${plain}`}>{inside}</SafeLink>
    case 'phone_number':
      return <SafeLink href={`tel:${plain}`}>{inside}</SafeLink>
    case 'bot_command':
      if (!onCommand) return <span className="mention">{inside}</span>
      return (
        <button type="button" className="command-link" onClick={() => onCommand(plain)}>
          {inside}
        </button>
      )
    case 'mention':
    case 'text_mention':
    case 'hashtag':
    case 'cashtag':
      return <span className="mention">{inside}</span>
    default:
      return inside
  }
}

function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  const safe = safeHref(href)
  if (!safe) return <span>{children}</span>
  return (
    <a
      href={safe}
      target="_blank"
      rel="noreferrer"
      onClick={(event) => {
        if (followTelegramLink(safe)) event.preventDefault()
      }}
    >
      {children}
    </a>
  )
}

/** Hidden it is one button, so the links inside are only text until it is shown. */
function Spoiler({ hiddenText, children }: { hiddenText: string; children: ReactNode }) {
  const [shown, setShown] = useState(false)
  if (shown) return <span className="spoiler is-shown">{children}</span>
  return (
    <button type="button" className="spoiler" aria-label="Hidden text, show it" onClick={() => setShown(true)}>
      <span aria-hidden="true">{hiddenText}</span>
    </button>
  )
}

function plainTextOf(node: TextNode): string {
  return typeof node === 'string' ? node : node.children.map(plainTextOf).join('')
}
