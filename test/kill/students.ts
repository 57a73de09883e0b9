import { courses } from '../simulators/sample.js';

/** Two students of one module in one term, and a day of examination that none of their lists has used yet. */
export interface Group {
  readonly course: string;
  readonly module: string;
  readonly moduleUid: string;
  readonly term: string;
  /** Places in the list as fetched: rows 0 and 1, 2 and 3 … */
  readonly places: readonly [number, number];
  readonly failing: string;
  day: Date;
}

/**
 * All groups there are. A group belongs to one list at a time and fails each time, on a later day: so the register takes every
 * list as an attempt of its own, and a draft too many can be told from the next attempt.
 */
export const groups = (): Group[] =>
  courses
    .filter((course) => ['XX1000', 'YY2000'].includes(course.code))
    .flatMap((course) =>
      course.modules.flatMap((module) =>
        course.occasions.flatMap((occasion) =>
          Array.from({ length: Math.floor(occasion.registered.length / 2) }, (_, pair): Group => ({
            course: course.code,
            module: module.code,
            moduleUid: module.instanceUid,
            term: occasion.term,
            places: [pair * 2, pair * 2 + 1],
            failing: module.scale === 'AF' ? 'F' : 'U',
            day: new Date(`${occasion.from}T00:00:00Z`),
          })),
        ),
      ),
    );

/** The next day of examination. */
export function nextDay(group: Group): string {
  group.day = new Date(group.day.getTime() + 86_400_000);
  return group.day.toISOString().slice(0, 10);
}
