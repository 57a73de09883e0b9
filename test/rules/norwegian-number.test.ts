import { describe, expect, it } from '../spec.js';
import { norwegianNumber } from '../../activities/norwegian-number.js';

describe('a Norwegian national number', () => {
  it.each([
    ['015361 12185', 'fs-test', '01536112185', '010361'],
    ['19588312510', 'fs-test', '19588312510', '190883'],
    ['01819000200', 'synthetic', '01819000200', '010190'],
    ['41819000113', 'synthetic', '41819000113', '010190'],
    ['01859000270', 'synthetic', '01859000270', '010590'],
    ['01419000066', 'h-number', '01419000066', '010190'],
    ['31586190078', 'fs-test', '31586190078', '310861'],
    ['010139\u00a090057', 'birth', '01013990057', '010139'],
    ['41013990040', 'd-number', '41013990040', '010139'],
  ])('RX-31 %s is of kind %s, and tells the day of birth', (text, kind, digits, born) => {
    expect(norwegianNumber(text)).toEqual({ kind, digits, born });
    expect(norwegianNumber(text, { temporary: true })).toBeUndefined();
  });

  it.each([
    ['control digits', '01536112186'],
    ['a month of no kind', '01336112185'],
    ['a day that the FS month has not', '31546190008'],
    ['ten digits', '0153611218'],
    ['twelve digits', '015361121850'],
    ['letters', '0153611218A'],
    ['a hyphen', '015361-12185'],
    ['other digits', '０１５３６１１２１８５'],
    ['nothing', ''],
    ['zeros', '00000000000'],
  ])('RX-31 with wrong %s is none', (_what, text) => {
    expect(norwegianNumber(text)).toBeUndefined();
  });

  it('RX-31 by the control digits of 2032 is one as well', () => {
    expect(norwegianNumber('01819000049')?.kind).toBe('synthetic');
    expect(norwegianNumber('01819000048')).toBeUndefined();
  });

  it('RX-29 is temporary only where somebody says so, and only where it fits no other kind', () => {
    expect(norwegianNumber('12345678901')).toBeUndefined();
    expect(norwegianNumber('123456 78901', { temporary: true })).toEqual({ kind: 'temporary', digits: '12345678901' });
    expect(norwegianNumber('1234567890', { temporary: true })).toBeUndefined();
  });
});
