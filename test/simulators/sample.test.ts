import { describe, expect, it } from '../spec.js';
import { fsSimulator } from './fs.js';
import { fsCourses, fsPersons, fsProtocol, fsScales } from './fs/sample.js';
import { catalogOf } from './ladok/catalog.js';
import * as sample from './sample.js';

const parts = (value: unknown): object[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(parts)] : [];

describe('the sample that all simulators begin with', () => {
  it('cannot be changed by whoever uses it, in any part', () => {
    const { institution, staff, students, courses, exams, rooms } = sample;
    for (const [name, whole] of Object.entries({
      institution,
      staff,
      students,
      courses,
      exams,
      rooms,
      fsPersons,
      fsCourses,
      fsScales,
      fsProtocol,
    }))
      expect({ name, open: parts(whole).filter((part) => !Object.isFrozen(part)).length }).toEqual({ name, open: 0 });
    expect(() => ((fsProtocol[0] as { karakter: string }).karakter = 'A')).toThrow(TypeError);
  });

  it('is copied by a simulator that changes it', () => {
    const [one, other] = [fsSimulator(), fsSimulator()];
    (one.store.entries[0] as { sensorer: unknown }).sensorer = [];
    expect([other.store.entries[0]?.sensorer.length, fsProtocol[0]?.sensorer.length]).toEqual([2, 2]);
  });

  it('has a crowd in its place until the crowd is sent away', () => {
    const registered = () => catalogOf(99).occasions.find(({ code }) => code === '50001')?.registered.length;
    const sendAway = sample.crowd(60);
    const crowded = registered();
    sendAway();
    expect([crowded, registered(), sample.students.length]).toEqual([60, 12, 30]);
  });
});
