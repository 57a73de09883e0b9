/** JSON can bring NUL and half a surrogate pair only as an escape, so most bodies are not looked at twice. */
const suspicious = /\\u(?:0000|d[89a-f])/i;

const broken = (text: string): boolean => text.includes('\u0000') || /\p{Surrogate}/u.test(text);

/**
 * Whether a JSON text holds, in a name or a value, what PostgreSQL keeps in no column: NUL, or half of a surrogate pair. Text
 * that is no JSON is not judged here.
 */
export function unkeepable(json: string): boolean {
  if (!suspicious.test(json)) return false;
  let found = false;
  try {
    JSON.parse(json, (name, value: unknown) => {
      if (broken(name) || (typeof value === 'string' && broken(value))) found = true;
      return value;
    });
  } catch {
    return false;
  }
  return found;
}
