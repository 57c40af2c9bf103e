import { fileURLToPath } from 'node:url'
import { I18n } from '@grammyjs/i18n'

/** Every text the bot says, by language; the files lie beside the code (and beside the bundle). */
export function loadTexts(): I18n {
  return new I18n({
    defaultLocale: 'en',
    directory: fileURLToPath(new URL('./locales', import.meta.url)),
    // Marks around inserted values help with mixed scripts in books; in buttons and bars they are noise.
    fluentBundleOptions: { useIsolating: false },
  })
}
