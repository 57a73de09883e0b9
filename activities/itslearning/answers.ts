import { z } from 'zod';

/** Rows inside an element; one without content, or nil, has none. */
const list = <T extends z.ZodType>(name: string, row: T) =>
  z.preprocess(
    (given) => (given === '' ? {} : given),
    z.object({ [name]: z.array(row).default([]) }).transform((held) => (held as Record<string, z.infer<T>[]>)[name] ?? []),
  );
const text = z.string().max(1_000);
/** Null for an element that is not there, empty, or nil. */
const maybe = text.optional().transform((given) => given?.trim() || null);
const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const score = z.preprocess(
  (given) => given || null,
  z
    .string()
    .regex(/^-?\d+(\.\d+)?(E[-+]?\d+)?$/i)
    .transform(Number)
    .nullable(),
);

/** The answer of a paged method: `<Method>Response/<Method>Result` with the page and, in `rows`, what it holds. */
const paged = <T extends z.ZodType>(method: string, rows: string, row: T) =>
  z
    .object({
      Body: z.object({
        [`${method}Response`]: z.object({
          [`${method}Result`]: z.object({ CurrentPageIndex: whole, Total: whole }).and(z.object({ [rows]: row })),
        }),
      }),
    })
    .transform(({ Body }) => {
      const held = Body[`${method}Response`]?.[`${method}Result`] as { CurrentPageIndex: number; Total: number };
      return {
        page: held.CurrentPageIndex,
        total: held.Total,
        rows: (held as unknown as Record<string, z.infer<T>>)[rows] as z.infer<T>,
      };
    });

/** Element names by a public client. */
export const coursesAnswer = paged('ReadCourses', 'Courses', list('Course', z.object({ CourseId: whole })));

/** Element names invented (X), after those of the data warehouse. */
export const itemsAnswer = paged(
  'ReadCourseGradebookItems',
  'Items',
  list(
    'Item',
    z
      .object({ GradebookItemId: whole, Title: text })
      .transform((item) => ({ id: item.GradebookItemId, title: item.Title.trim() })),
  ),
);

/** Element names invented (X), after those of the data warehouse. */
export const assessmentsAnswer = paged(
  'ReadCourseGradebookAssessments',
  'Assessments',
  list(
    'Assessment',
    z
      .object({ GradebookItemId: whole, PersonSyncKey: maybe, AssessmentItemTitle: maybe, Score: score })
      .transform((one) => ({
        column: one.GradebookItemId,
        personKey: one.PersonSyncKey,
        word: one.AssessmentItemTitle,
        score: one.Score,
      })),
  ),
);

const info = z.object({
  codeMajor: z.string(),
  codeMinor: z
    .object({ codeMinorField: z.array(z.object({ codeMinorValue: z.string() })) })
    .optional()
    .catch(undefined),
});
const infos = z.object({ statusInfo: z.array(info).min(1) });

/** How IMS Enterprise Services say how it went: in the header, one status a thing asked for. */
export const statusAnswer = z
  .object({ Header: z.object({ syncResponseHeaderInfo: z.union([infos, z.object({ statusInfoSet: infos })]) }) })
  .transform(({ Header: { syncResponseHeaderInfo: said } }) =>
    ('statusInfo' in said ? said : said.statusInfoSet).statusInfo.map(({ codeMajor, codeMinor }) => ({
      went: codeMajor.toLowerCase() === 'success',
      reasons: codeMinor?.codeMinorField.map(({ codeMinorValue }) => codeMinorValue.toLowerCase()) ?? [],
    })),
  );

const sourcedId = z.object({ identifier: maybe });

/** Who is in a room, with their role there (RL-12). */
export const membershipsAnswer = z
  .object({
    Body: z.object({
      readMembershipsForGroupResponse: z.object({
        membershipIDPairSet: list(
          'membershipIdPair',
          z.object({
            membership: z.object({
              member: z.object({ memberSourcedId: sourcedId, role: z.array(z.object({ roleType: text })).min(1) }),
            }),
          }),
        ),
      }),
    }),
  })
  .transform(({ Body }) =>
    Body.readMembershipsForGroupResponse.membershipIDPairSet.map(({ membership: { member } }) => ({
      personKey: member.memberSourcedId.identifier,
      roles: member.role.map(({ roleType }) => roleType.toLowerCase()),
    })),
  );

/** Persons by their id on the platform; the key is the personal number (RL-12). */
export const personsAnswer = z
  .object({
    Body: z.object({
      readPersonsForGroupResponse: z.object({
        personIdPairSet: list(
          'personIdPair',
          z.object({
            sourcedId,
            person: z.object({ name: list('partName', z.object({ namePartType: text, namePartValue: text })) }),
          }),
        ),
      }),
    }),
  })
  .transform(({ Body }) =>
    Body.readPersonsForGroupResponse.personIdPairSet.map(({ sourcedId: { identifier }, person: { name } }) => {
      const part = (type: string) => name.find(({ namePartType }) => namePartType === type)?.namePartValue.trim() || null;
      return { personKey: identifier, givenName: part('First'), surname: part('Last') };
    }),
  );
