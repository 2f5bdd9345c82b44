// What others would write for the work of the function initiate: the order is looked at, an idempotent request opens
// it at the bank, and the answer is kept. The loop is that of Lambda's Runtime API. It does less than initiate does: it
// knows one shop by its environment, asks for no secret and no key, and records no step of a payment.
import { readFileSync } from 'node:fs';
import { request as httpRequest, Agent } from 'node:http';
import { request as httpsRequest, Agent as TLSAgent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';

const env = process.env;
const config = new IdempotencyConfig({ eventKeyJmesPath: 'order_ref' });
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: env.IDEMPOTENCY_TABLE,
  awsSdkV3Client: new DynamoDBClient({ region: env.AWS_REGION, endpoint: env.AWS_ENDPOINT_URL }),
});
const bank = JSON.parse(readFileSync(env.BANK_FILE, 'utf8'));
const toBank = new TLSAgent({ keepAlive: true, cert: bank.certificate, key: bank.key, ca: bank.ca });

function send(request, url, options, body) {
  return new Promise((resolve, reject) => {
    const r = request(url, options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString(),
      }));
      answer.on('error', reject);
    });
    r.on('error', reject);
    r.end(body);
  });
}

function validate(o) {
  const errors = [];
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(o.order_ref ?? '')) errors.push('order_ref');
  if (!Number.isSafeInteger(o.amount) || o.amount < 1) errors.push('amount');
  if (o.currency !== 'AZN') errors.push('currency');
  if (typeof o.description !== 'string' || o.description.length > 125) errors.push('description');
  for (const name of ['success', 'cancel', 'decline']) {
    try {
      new URL(o.return_urls[name]);
    } catch {
      errors.push(`return_urls.${name}`);
    }
  }
  return errors;
}

const escaped = (text) => String(text).replace(/[<>&'"]/g, (c) => `&#${c.charCodeAt(0)};`);
const field = (xml, name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const open = makeIdempotent(async (order) => {
  const back = escaped(`${env.CALLBACK_URL}/${order.order_ref}/return`);
  const xml = '<?xml version="1.0" encoding="UTF-8"?><TKKPG><Request><Operation>CreateOrder</Operation>'
    + `<Language>EN</Language><Order><OrderType>Purchase</OrderType><Merchant>${bank.merchant_id}</Merchant>`
    + `<Amount>${order.amount}</Amount><Currency>944</Currency><Description>${escaped(order.description)}</Description>`
    + `<ApproveURL>${back}</ApproveURL><CancelURL>${back}</CancelURL><DeclineURL>${back}</DeclineURL>`
    + '</Order></Request></TKKPG>';
  const answer = await send(httpsRequest, bank.endpoint, {
    method: 'POST', agent: toBank, headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': Buffer.byteLength(xml) },
  }, xml);
  if (answer.status !== 200 || field(answer.body, 'Status') !== '00') throw new Error(`the bank answered ${answer.body}`);
  const [id, session] = [field(answer.body, 'OrderID'), field(answer.body, 'SessionID')];
  return { id: order.order_ref, status: 'pending', bank_order_id: id, amount: order.amount, currency: order.currency,
    redirect_url: `${field(answer.body, 'URL')}?ORDERID=${id}&SESSIONID=${session}` };
}, { persistenceStore, config });

async function handle(event) {
  const order = JSON.parse(event.body);
  const errors = validate(order);
  if (errors.length > 0) return { statusCode: 400, body: JSON.stringify({ errors }) };
  const payment = await open(order);
  console.log(JSON.stringify({ level: 'INFO', message: 'request', payment_id: payment.id, status: 201 }));
  return { statusCode: 201, headers: { 'content-type': 'application/json' }, body: JSON.stringify(payment) };
}

const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true });
for (;;) {
  const next = await send(httpRequest, `${api}/next`, { agent });
  const id = next.headers['lambda-runtime-aws-request-id'];
  const remaining = Number(next.headers['lambda-runtime-deadline-ms']) - Date.now();
  config.registerLambdaContext({ awsRequestId: id, getRemainingTimeInMillis: () => remaining });
  let [path, said] = ['response', ''];
  try {
    said = JSON.stringify(await handle(JSON.parse(next.body)));
  } catch (error) {
    [path, said] = ['error', JSON.stringify({ errorType: error.name, errorMessage: `${error.message} ${error.cause ?? ''}` })];
  }
  await send(httpRequest, `${api}/${id}/${path}`, { method: 'POST', agent }, said);
}
