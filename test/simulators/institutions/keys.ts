import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Eleven primes of 1024 bits make 55 keys of 2048 bits at once, where making them anew would take seconds. Whoever reads this
 * file has them all: for simulators only.
 */
const primes = [
  'e75ea2528178d5fd4b48426f0d69fa60d7705d64ea968ca89816a2a923604fc3359fc19cc9b67aad93c5a6369d8b4bf367a26901447a4534ad190cfc364121d0936c780242e831f7ca9687e29201eb76757090d14d8c69424134570ea126ab1960fc9b3f9279303aca3e4581fc817c1e45cfcec211ec0211e86dfefb40dd3d4f',
  'fd6d5417f3fb99d30541989f72ce15c3cabf4ad0214c59e467ed7592c6493b195899aad2f1a568bd46993302687b67bdf15786c7d9b78bd3c7b16bfedae4bf4b826961b16c1a288f6f170da62e41a3b4a07b89337476a42ced34d3e6b41f3615780bf3262a9a6e7223e71021c5ea946aacab773d46cd34d3628ed5a483dd3e9b',
  'd007885206f3a80adbe7e11dea92043f2e6cb7ce08a9effeabb0419886c0e7b7b5b456418bc6bef4bb740b2d112b94dd3e991afa8a9628f93ac66b9c2cf790fe7712347cfdcefc2404d7aa8a11af082a88f126388012bb97acc6c83f96b2cb529b749f1714cf3467823481dcf55cb9be9d769d2b67e1ffc5a6dc4c90c3bbfa5b',
  'fc77ba3b92d1598cc898dd25b7911fa76ba27f5c99cefa32e10a1e6367624c90ce9c65f7ba3e62b2fdee1e73c80d1c31c174efb6e16a007c175658872cd3d0fc3cc5e7b176a934e8e8992a7286f6b1e4734f79b2466c46b53548e07c850206de098e5b40aa2c24d5c687d8a2e268245ceec90c5d76a9942cd9b9ca74de324b63',
  'eb36b4026682dc608aaadaaeedfc75118db21d7ff33203d6d83a0d0ddda44cf35c90b7a9bcc830ae31c3b93172230a85fbd1d94f2bfc9c667b10acacb5e5f7a1496a0e00478c85d87fc73c589206555e92e11336dfbbcbade9ce90c468767ca4db36c04cbd63252ab6e6572bed15dc7ddc017c1d992f86fe0e8d0ae8a009f62d',
  'f69b7d8b17429e9f1d04eccc7697978a89324cc9f194518c34ad7666f3298ad4972f7d6c4cce3890ce3190cfd85e428d6237181fa23ebba2ecdfe37498948564ae93aadc803bdd814bf780f31211efbaf82cd487739f620a7767e3d3f055848f4cbd0e7c17fc01c24c5336ff450f273fd9944cab04bf71af03b16343a9a48b7d',
  'e295c1c745a9f07bdfeed9ca6549f78cc3980f94468afe17c65aece81caa3cd159ea98a2d1052da6951c59884493b70845d6e0f34454bc28cbbfe8f4bf9827ad8b3f2663ac57e2fadc0de64321ceed11662ef1c79808ad490fee369312e6fb1a13439ebfa7a8e5b2bbce0ffee4561bb5dd10b21d47ba9ea0f07b6f89528b3aed',
  'f1eb06d6025dbad5c3a6b6a58eaa51821707fe68cc808acad77e265df0f1861b593a12f02eb8bd319647c1f891affd984d556d5c0be5040d8295f2ad03dd219b051c32158c09c9bf6fff9fa9592a051bff28d417f20d5123488ae377bfe59ea928712e89cd28e23e2475b72ae35376d472ed83799e1877c9ef77bbd6e446a23d',
  'd5b19a23a955db15e1f840eb5503d31accbb2880c341df4ff7d3b0a649fdeb108c04dc645b9ffcc65149182127036652a7ae23aeabf02be2a3f525eae9d8c4b4fd15ee78ecf5918a18ec2feb547df74f3a84df2a3120ab906019049060e26b7459b51b5a539138f73f5f5349c309da11bafc4318e5d0998ceb71c4d938c2ac87',
  'f4c573bd41bbb4aa838e4456a8ee253b41fcc64c6ba454c8cc9520b8b5c174e7e19b5ab3941536f73639e0d6a63676f972416c307ebc766e39d93edf4770819a173bfdd40e655cd236cb9d2dfd4b107b0c34c8fde7d3c7714472c8da20c429464de3214c970889b6ea35b2e1e8451d172371fb59fd0036531621a825b6004967',
  'c585545da9fe442a5fc93820c0f02b1c5e6abe8a9f81550ae969b10065e1d178ff8f06997dc38f9b022231d676b4358e4423e440d290d5afce0c72c9e64ca2066483c6ef85c411269f903309a67954c76387540312764debd766c42c1728887d37a8c7a3ce6a38922db2c6260fdfa2b05712758202ed055822822dcb2df7eb3f',
].map((hex) => BigInt(`0x${hex}`));

const EXPONENT = 65_537n;

/** The number that `of` has to be multiplied with to give 1 modulo `by`. */
function inverse(of: bigint, by: bigint): bigint {
  let [last, now, lastRest, rest] = [0n, 1n, by, of % by];
  while (rest !== 0n) {
    const whole = lastRest / rest;
    [last, now] = [now, last - whole * now];
    [lastRest, rest] = [rest, lastRest - whole * rest];
  }
  return ((last % by) + by) % by;
}

const packed = (number: bigint): string => {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url');
};

const pairs = primes.flatMap((p, place) => primes.slice(place + 1).map((q) => [p, q] as const));

/** A key of a simulated institution: `id` is the SHA-256 of the public key, as the registry and signatures name it. */
export interface SimulatedKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly der: Buffer;
}

const made = new Map<number, SimulatedKey>();

/** The key at a place, 0 to 54. Made when it is first used. */
export function simulatedKey(place: number): SimulatedKey {
  const known = made.get(place);
  if (known) return known;
  const pair = pairs[place];
  if (!pair) throw new Error(`there is no key ${place}`);
  const [p, q] = pair[0] > pair[1] ? pair : [pair[1], pair[0]];
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: packed(p * q),
      e: packed(EXPONENT),
      d: packed(d),
      p: packed(p),
      q: packed(q),
      dp: packed(d % (p - 1n)),
      dq: packed(d % (q - 1n)),
      qi: packed(inverse(q, p)),
    },
  });
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const key = { id: createHash('sha256').update(der).digest('hex'), privateKey, der };
  made.set(place, key);
  return key;
}
