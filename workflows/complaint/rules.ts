import type { Rules } from '../process.js';
import { appoint, halt, moveDeadline, remind, resume, send } from './committee.js';
import type { BirthFacts, ComplaintData, ComplaintFacts, ComplaintWrite } from './complaint.js';
import type { ComplaintCommand } from './definition.js';
import { decideError, dismiss, explain, liftBlock, withdraw } from './ending.js';
import { check, correct, deleteGrade, enterAgain, entered, recalculate, registerGrade, reportWrong } from './grading.js';
import { birth, confirm, describe, protocolRead, readAgain } from './opening.js';
import { protect } from './protection.js';

/** What a complaint does with each command. Role and state are judged before, for every process alike. */
export const rules: Rules<ComplaintData, ComplaintFacts & BirthFacts, ComplaintWrite, ComplaintCommand> & {
  birth: typeof birth;
} = {
  birth,
  commands: {
    'read-again': readAgain,
    confirm,
    describe,
    appoint,
    send,
    'move-deadline': moveDeadline,
    protect,
    halt,
    resume,
    'register-grade': registerGrade,
    'enter-again': enterAgain,
    'delete-grade': deleteGrade,
    recalculate,
    check,
    'report-wrong': reportWrong,
    correct,
    explain,
    'decide-error': decideError,
    dismiss,
    withdraw,
    'lift-block': liftBlock,
    remind,
    'protocol-read': protocolRead,
    entered,
  },
};
