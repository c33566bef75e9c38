import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { apiAddress } from '../../../lib/aws/api-address';

const options = { region: 'eu-central-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };

test.each([
  [new RDSClient(options), 'rds.eu-central-1.amazonaws.com', 443, true],
  [new EC2Client({ ...options, useDualstackEndpoint: true }), 'ec2.eu-central-1.api.aws', 443, true],
  [new Route53Client(options), 'route53.amazonaws.com', 443, true],
  [new RDSClient({ ...options, endpoint: 'http://127.0.0.1:4566' }), '127.0.0.1', 4566, false],
])('the way to an API leads where its client would go: %#', async (client, host, port, tls) => {
  expect(await apiAddress(client)).toEqual({ address: { host, port }, tls });
});
