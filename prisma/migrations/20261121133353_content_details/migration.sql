-- What a teaser says of locked media, and what keeps a repeated act from adding a content twice.

ALTER TABLE "contents" ADD COLUMN "ref" TEXT;
CREATE UNIQUE INDEX "contents_ref_key" ON "contents"("ref");

ALTER TABLE "content_parts" ADD COLUMN "caption_entities" JSON;
ALTER TABLE "content_parts" ADD COLUMN "size_bytes" BIGINT;
ALTER TABLE "content_parts" ADD COLUMN "duration_seconds" INTEGER;
