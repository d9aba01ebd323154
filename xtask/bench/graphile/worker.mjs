// Runs graphile-worker until standard input ends. Prints {"now"} when it listens and in answer to each line, and at the end
// {"starts"}: the instant at which each job's handler began, by the job's number. Instants are milliseconds since 1970.
//   node worker.mjs [local-queue]     the database comes from PGHOST, PGPORT, PGUSER and PGDATABASE

import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { run } from "graphile-worker";

const INSERT = {
  name: "insert_row",
  text: `INSERT INTO transactions (type, category, amount, description, occurred_on, owner_id, admin_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};
// What its authors measure with; by default each worker asks the database for each job.
const LOCAL_QUEUE = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

// Date.now() knows whole milliseconds only.
const now = () => performance.timeOrigin + performance.now();

const starts = [];
const events = new EventEmitter();
const listening = once(events, "pool:listen:success");
const runner = await run({
  events,
  preset: { worker: { concurrentJobs: 4, ...(process.argv[2] === "local-queue" ? LOCAL_QUEUE : {}) } },
  taskList: {
    insert_row: async ({ record: row, owner_id, admin_id }, { withPgClient }) => {
      starts.push([Number(row.description), now()]);
      const values = [row.type, row.category, row.amount, row.description, row.occurred_on, owner_id, admin_id];
      await withPgClient((client) => client.query({ ...INSERT, values }));
    },
  },
});
await listening;
console.log(JSON.stringify({ now: now() }));

for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ now: now() }));
}
await runner.stop();
// A pipe takes only so much at once: exiting before the rest is written would lose it.
process.stdout.write(`${JSON.stringify({ starts })}\n`, () => process.exit(0));
