/**
 * A sample that all files of one jest worker share: whoever changes any of it fails at once, and not whoever comes after. A
 * simulator that has to change it copies it.
 */
export function frozen<Sample>(sample: Sample): Sample {
  if (typeof sample === 'object' && sample !== null && !Object.isFrozen(sample)) {
    Object.freeze(sample);
    Object.values(sample).forEach(frozen);
  }
  return sample;
}
