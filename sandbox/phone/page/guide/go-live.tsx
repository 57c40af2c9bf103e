import { Sheet } from '../ui/sheet.tsx'

const steps: [string, string][] = [
  ['BOT_TOKEN', 'Talk to @BotFather in Telegram, create a bot, copy its token.'],
  ['ADMIN_GROUP_ID', 'Make a group with topics, add the bot as an admin with all rights; its id begins with -100.'],
  ['ADMIN_CHAT_ID', 'Your own Telegram id, so that the bot knows its owner.'],
  [
    'STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET',
    'From the Stripe dashboard; the webhook goes to PUBLIC_URL/api/stripe/webhook.',
  ],
  ['PUBLIC_URL', 'The address at which the web app can be reached from outside.'],
]

/** How the sandbox becomes the real thing. */
export function GoLive({ onClose }: { onClose: () => void }) {
  return (
    <Sheet title="Go live" onClose={onClose}>
      <p>
        The bot and the web app behind this page are the real ones. Give them real accounts instead of this sandbox:
      </p>
      <ol className="go-live">
        {steps.map(([name, what]) => (
          <li key={name}>
            <code>{name}</code>
            <span>{what}</span>
          </li>
        ))}
      </ol>
      <p>
        Write them into <code>.env</code> and run <code>npm start</code> again. With a token the sandbox stays off.
      </p>
    </Sheet>
  )
}
