import type { Rules } from '../process.js';
import type { ListCommand } from './definition.js';
import { attested, confirmArrival, enter, noteAnnulment, told, transferAgain, transferred, withdraw } from './entry.js';
import { birth, checkRegistrations, correct, edit, fetch, findColumns, findExams, remove } from './filling.js';
import type { ListData, ListFacts, ListWrite } from './list.js';
import { remind } from './reminders.js';
import { mailNotRegistered, moveNotRegistered } from './not-registered.js';
import { giveBack, orderBankId, requestCode, send, sign } from './signing.js';
import { confirmSignedArchiveList } from './signed-archive-list.js';
import { byExaminer } from './whole-course.js';

/** What a list does with each command. Role and state are judged before, for every process alike. */
export const rules: Rules<ListData, ListFacts, ListWrite, ListCommand> & { birth: typeof birth } = {
  birth,
  commands: {
    save: byExaminer(edit, 'save'),
    remove: byExaminer(remove, 'remove'),
    correct,
    fetch: byExaminer(fetch, 'fetch'),
    'find-exams': findExams,
    'find-columns': findColumns,
    'check-registrations': checkRegistrations,
    'mail-not-registered': mailNotRegistered,
    'move-not-registered': byExaminer(moveNotRegistered, 'move-not-registered'),
    send: byExaminer(send, 'send'),
    return: giveBack,
    'request-code': requestCode,
    'order-bankid': orderBankId,
    sign,
    'confirm-signed-archive-list': confirmSignedArchiveList,
    enter,
    'transfer-again': transferAgain,
    'confirm-arrival': confirmArrival,
    'note-annulment': noteAnnulment,
    withdraw,
    remind,
    transferred,
    attested,
    told,
  },
};
