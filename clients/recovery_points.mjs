// List, describe and delete recovery points with version 3 of the AWS SDK for JavaScript, and print the results as JSON.
//
//   node recovery_points.mjs URL VAULT
import {
  BackupClient,
  DeleteRecoveryPointCommand,
  DescribeRecoveryPointCommand,
  ListRecoveryPointsByResourceCommand,
  paginateListRecoveryPointsByBackupVault,
} from "@aws-sdk/client-backup";

const client = new BackupClient({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
});
const vault = process.argv[3];

const listed = [];
for await (const page of paginateListRecoveryPointsByBackupVault({ client, pageSize: 1 }, { BackupVaultName: vault })) {
  listed.push(...page.RecoveryPoints);
}
const label = { BackupVaultName: vault, RecoveryPointArn: listed[0].RecoveryPointArn };
const described = await client.send(new DescribeRecoveryPointCommand(label));
const byResource = await client.send(new ListRecoveryPointsByResourceCommand({ ResourceArn: described.ResourceArn }));
await client.send(new DeleteRecoveryPointCommand(label));
let refused = null;
try {
  await client.send(new DescribeRecoveryPointCommand(label));
} catch (error) {
  refused = { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
}

console.log(JSON.stringify({
  listed: listed.map((point) => point.RecoveryPointArn),
  described: [described.RecoveryPointArn, described.Status, described.CreationDate.toISOString()],
  byResource: byResource.RecoveryPoints.map((point) => point.RecoveryPointArn),
  refused,
}));
