-- DropForeignKey
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_message_id_fkey";

-- DropIndex
DROP INDEX "messages_created_at_idx";

-- CreateTable
CREATE TABLE "message_places" (
    "topic_chat_id" BIGINT NOT NULL,
    "topic_message_id" BIGINT NOT NULL,
    "message_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "message_places_pkey" PRIMARY KEY ("topic_chat_id","topic_message_id","message_id")
);

-- CreateIndex
CREATE INDEX "message_places_message_id_idx" ON "message_places"("message_id");

-- CreateIndex
CREATE INDEX "messages_created_at_idx" ON "messages" USING BRIN ("created_at");

-- DropIndex
DROP INDEX "conversations_last_message_at_idx";

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN "last_message_minute" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "conversations_last_message_minute_idx" ON "conversations"("last_message_minute");
