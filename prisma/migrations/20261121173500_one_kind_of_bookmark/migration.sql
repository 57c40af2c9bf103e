-- How far a recurring job has come was kept in two tables of the same shape.
INSERT INTO "bookmarks" ("name", "at") SELECT "name", "at" FROM "watermarks" ON CONFLICT ("name") DO NOTHING;
DROP TABLE "watermarks";
