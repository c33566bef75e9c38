/** The report as Markdown, for people. */
import type { CheckResult } from '../core/checks';
import { driftSection } from './drift-section';
import type { ChangedRowsReport, RunReport } from './report';
import { cell } from './table-cell';

export function markdownReport(report: RunReport): string {
  return `${[
    `# Run ${report.runId}: ${report.outcome}`,
    '',
    `Plan **${report.plan}**, ${report.engine}, sync \`${report.sync}\`. **${report.serving}** serves the application.`,
    ...reasonSection(report),
    ...writesSection(report),
    ...phasesSection(report),
    ...validationSection(report),
    ...wayBackSection(report),
    ...leftoversSection(report),
  ].join('\n')}\n`;
}

function reasonSection({ reason }: RunReport): string[] {
  return reason
    ? ['', '## Why', '', `Phase **${reason.phase}** failed with \`${reason.error}\`:`, '', '```', reason.message, '```']
    : [];
}

function writesSection({ writes, writeDowntimeMs, failbackWriteDowntimeMs }: RunReport): string[] {
  const downtime =
    writeDowntimeMs === null ? 'no write was refused' : `writes were refused for ${seconds(writeDowntimeMs)}`;
  return writes
    ? [
        '',
        '## Writes of the application',
        '',
        '| acknowledged | lost | duplicated | refused |',
        '|---:|---:|---:|---:|',
        `| ${writes.acknowledged} | ${writes.lost} | ${writes.duplicated} | ${writes.refused} |`,
        '',
        `Measured from outside: ${downtime}${failbackWriteDowntimeMs === null ? '' : `, and for ${seconds(failbackWriteDowntimeMs)} on the way back`}.`,
      ]
    : ['', '## Writes of the application', '', 'No application wrote during this run.'];
}

function phasesSection({ phases }: RunReport): string[] {
  return [
    '',
    '## Phases',
    '',
    '| phase | took | invocations | |',
    '|---|---:|---:|---|',
    ...phases.map(
      ({ name, durationMs, attempts, detail }) =>
        `| ${name} | ${seconds(durationMs)} | ${attempts} | ${cell(detail)} |`,
    ),
  ];
}

function validationSection({ validation }: RunReport): string[] {
  if (!validation) {
    return [];
  }
  const { tables, rows, mismatches, checks, excluded, fenceMs, untilLastWrite } = validation;
  return [
    '',
    '## Validation',
    '',
    mismatches.length === 0 ? `${rows} rows in ${tables} tables are equal on both sides.` : `Green differs from blue:`,
    ...(untilLastWrite ? ['', untilLastWriteInWords(untilLastWrite)] : []),
    ...(fenceMs > 0 ? ['', `Writers waited ${fenceMs} ms for the moment at which both sides were compared.`] : []),
    ...list(mismatches.map(({ kind, object, message }) => `${kind}: ${object}: ${message}`)),
    ...list(checks.map((check) => `check \`${check.file}\`: ${checkFound(check)}`)),
    ...list(excluded.map((what) => `not compared: ${what}`)),
    ...(validation.drift ? driftSection(validation.drift) : []),
  ];
}

function untilLastWriteInWords({ rowsCompared, skipped }: ChangedRowsReport): string {
  return `${rowsCompared} rows that changed afterwards, until the last write that blue accepted, were compared again: none differs.${skippedInWords(skipped)}`;
}

function skippedInWords(skipped: readonly string[]): string {
  return skipped.length === 0
    ? ''
    : ` Not compared again, because their rows have no name both sides know, and they are not small: ${skipped.join(', ')}.`;
}

function wayBackSection({ wayBack }: RunReport): string[] {
  return wayBack
    ? [
        '',
        '## The way back',
        '',
        `${wayBack.rowsCompared} rows written to green while it served are the same on blue.${skippedInWords(wayBack.skipped)}`,
      ]
    : [];
}

function checkFound(check: CheckResult): string {
  switch (check.kind) {
    case 'no-rows':
      return check.passed
        ? 'passes'
        : `returned ${check.rows > 1000 ? 'more than 1000' : check.rows} rows${code(check.returned)}`;
    case 'same':
      return check.passed
        ? 'passes'
        : `does not answer the same${code([
            ...check.onlyOnBlue.map((row) => `only on blue:  ${row}`),
            ...check.onlyOnGreen.map((row) => `only on green: ${row}`),
          ])}`;
    case 'faster-than-blue': {
      const { speed } = check;
      const medians = speed
        ? `${speed.greenMs} ms on green, ${speed.blueMs} ms on blue, medians of ${speed.runs} runs`
        : 'not measured';
      const plans = speed?.plans ? [`blue:  ${speed.plans.blue}`, `green: ${speed.plans.green}`] : [];
      return `${check.passed ? 'passes' : 'fails'}; ${medians}${code(plans)}`;
    }
  }
}

/** Indented, as code inside an item of a list: whatever a line holds cannot end it. */
function code(lines: readonly string[]): string {
  return lines.length > 0 ? `\n\n${lines.map((line) => `      ${line}`).join('\n')}` : '';
}

function leftoversSection({ leftovers }: RunReport): string[] {
  return leftovers.length === 0
    ? ['', 'Nothing of the run is left behind.']
    : [
        '',
        '## Left behind',
        ...list(leftovers.map(({ what, command }) => `${what}\n\n  \`\`\`\n  ${command}\n  \`\`\``)),
      ];
}

function list(items: readonly string[]): string[] {
  return items.length > 0 ? ['', ...items.map((item) => `- ${item}`)] : [];
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
