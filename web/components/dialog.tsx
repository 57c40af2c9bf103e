'use client'

import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { ReactNode } from 'react'
import { Button } from '#web/components/button.tsx'

/** Asks before something that cannot be taken back. Closing it changes nothing. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  confirm,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
  confirm: ReactNode
}) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-30 bg-[oklch(0_0_0/0.45)]" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-30 w-[min(26rem,calc(100vw-2rem))] -translate-1/2 rounded-md border border-line bg-surface p-5 shadow-float outline-none">
          <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1.5 text-muted">{children}</AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Close render={<Button />}>Cancel</AlertDialog.Close>
            {confirm}
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
