-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "seq" BIGSERIAL NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "orders_seq_key" ON "orders"("seq");
