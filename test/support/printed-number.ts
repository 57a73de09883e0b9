import { readFileSync } from 'node:fs';
import { extractText, getDocumentProxy } from 'unpdf';

/** Reads the control number off a printed archive list, as a person would: `tsx printed-number.ts archive.pdf`. */
const { text } = await extractText(await getDocumentProxy(new Uint8Array(readFileSync(process.argv[2] ?? ''))), {
  mergePages: true,
});
console.log(/\b\d{4} \d{4} \d{2}\b/.exec(text)?.[0]);
