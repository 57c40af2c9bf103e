import { Braces, Check, CircleAlert, Dot, TriangleAlert } from 'lucide-react'
import type { Step, Story, Tone } from '../narration/narration.ts'
import { withoutIsolates } from '../narration/words.ts'
import { clockTimeWithSeconds, exactTime } from '../ui/times.ts'
import { setState, usePage } from '../world/store.ts'

/** What just happened, newest first; every line opens what went over the wire. */
export function Timeline() {
  const stories = usePage((state) => state.narration.stories)
  return (
    <section className="timeline" aria-label="What happened">
      <header className="timeline-header">
        <h2>What happened</h2>
        <p>Every line opens the call behind it</p>
      </header>
      <div className="timeline-scroll" tabIndex={0} role="region" aria-label="Timeline">
        {stories.length === 0 && (
          <p className="empty">
            Nothing yet. Do something on the phone: what follows from it is told here, step by step.
          </p>
        )}
        <ol>
          {stories.toReversed().map((story) => (
            <li key={story.id}>
              <StoryCard story={story} />
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}

function StoryCard({ story }: { story: Story }) {
  const { wire } = story
  return (
    <article className={`story is-${story.tone}`} aria-label={withoutIsolates(story.title)}>
      <header>
        {wire ? (
          <button type="button" className="story-title" onClick={() => setState({ wire })}>
            {story.title}
          </button>
        ) : (
          <span className="story-title">{story.title}</span>
        )}
        <span className="story-time">
          <time dateTime={new Date(story.at).toISOString()} title={exactTime(story.at)}>
            {clockTimeWithSeconds(story.at)}
          </time>
          {story.tookMs !== null && ` · ${tookText(story.tookMs)}`}
        </span>
      </header>
      {story.steps.length > 0 && (
        <ol>
          {story.steps.map((step) => (
            <li key={step.id}>
              <StepLine step={step} />
            </li>
          ))}
        </ol>
      )}
    </article>
  )
}

function StepLine({ step }: { step: Step }) {
  const took = step.durationMs === null ? '' : step.durationMs < 1 ? '< 1 ms' : `${step.durationMs} ms`
  return (
    <button type="button" className={`step is-${step.tone}`} onClick={() => setState({ wire: step.wire })}>
      <Sign tone={step.tone} />
      <span className="step-text">{step.text}</span>
      <small>{took}</small>
      <Braces aria-hidden size={12} className="step-wire" />
    </button>
  )
}

function Sign({ tone }: { tone: Tone }) {
  switch (tone) {
    case 'good':
      return <Check role="img" aria-label="Good:" size={14} />
    case 'warning':
      return <TriangleAlert role="img" aria-label="Careful:" size={14} />
    case 'bad':
      return <CircleAlert role="img" aria-label="Failed:" size={14} />
    default:
      return <Dot aria-hidden size={14} />
  }
}

function tookText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
