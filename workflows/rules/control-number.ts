/** The check digits of a control number: ISO 7064 MOD 97-10 over the eight digits before them. */
export const checkDigits = (eight: string): string => String(98 - Number((BigInt(eight) * 100n) % 97n)).padStart(2, '0');

/** Whether ten digits cannot be a control number at all: a slip of the hand, told apart from a number of another list (RL-45). */
export const mistyped = (ten: string): boolean => !/^\d{10}$/.test(ten) || checkDigits(ten.slice(0, 8)) !== ten.slice(8);
