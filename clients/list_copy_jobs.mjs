// List and describe copy jobs with version 3 of the AWS SDK for JavaScript, and print the results as JSON.
//
//   node list_copy_jobs.mjs URL
import { BackupClient, DescribeCopyJobCommand, ListCopyJobsCommand, paginateListCopyJobs } from "@aws-sdk/client-backup";

const client = new BackupClient({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
});

const refused = async (command) => {
  try {
    await client.send(command);
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode, code: error.Code };
  }
};

const pages = [];
for await (const page of paginateListCopyJobs({ client, pageSize: 4 }, {})) {
  pages.push(page.CopyJobs);
}

const failed = await client.send(new ListCopyJobsCommand({ ByState: "FAILED" }));
const recent = await client.send(new ListCopyJobsCommand({ ByCreatedAfter: new Date("2026-03-01T12:00:00.500Z") }));
const first = pages.flat()[0];
const described = await client.send(new DescribeCopyJobCommand({ CopyJobId: first.CopyJobId }));

console.log(JSON.stringify({
  pages: pages.map((page) => page.map((job) => job.CopyJobId)),
  failed: failed.CopyJobs.map((job) => [job.CopyJobId, job.State]),
  recent: recent.CopyJobs.map((job) => job.CopyJobId),
  datesAreDates: pages.flat().every((job) => job.CreationDate instanceof Date),
  created: Object.fromEntries(pages.flat().map((job) => [job.CopyJobId, job.CreationDate.toISOString()])),
  described: described.CopyJob.CopyJobId === first.CopyJobId,
  zero: await refused(new ListCopyJobsCommand({ MaxResults: 0 })),
  bogus: await refused(new ListCopyJobsCommand({ ByState: "BOGUS" })),
  unknown: await refused(new DescribeCopyJobCommand({ CopyJobId: "00000000-0000-0000-0000-000000000000" })),
}));
