/** The last lines of a run: what became of it, in words. */
import type { DriftedColumn } from '../core/data-drift';
import type { RunReport } from '../report/report';

/** Columns named in one line. */
const NAMED = 5;

/** @param lastRefusal why the last write that was not accepted was not */
export function summaryLines(report: RunReport, reportFolder: string, lastRefusal?: string): string[] {
  const { outcome, serving, reason, writes, writeDowntimeMs, failbackWriteDowntimeMs, leftovers, validation } = report;
  return [
    '',
    `${outcome}: ${serving} serves the application`,
    ...(reason
      ? [`  ${reason.phase} failed with ${reason.error}:`, ...reason.message.split('\n').map((line) => `    ${line}`)]
      : []),
    ...(validation && validation.mismatches.length === 0
      ? [
          `  proved equal: ${validation.rows} rows in ${validation.tables} tables${validation.fenceMs > 0 ? `, writers waited ${validation.fenceMs} ms for it` : ''}`,
        ]
      : []),
    ...(validation?.untilLastWrite
      ? [
          `  proved until the last write: ${validation.untilLastWrite.rowsCompared} rows that changed since were compared again${skippedLine(validation.untilLastWrite.skipped)}`,
        ]
      : []),
    ...(report.wayBack
      ? [
          `  the way back: ${report.wayBack.rowsCompared} rows written to green are the same on blue${skippedLine(report.wayBack.skipped)}`,
        ]
      : []),
    ...driftLines(validation?.drift?.shown ?? []),
    writes
      ? `  writes: ${writes.acknowledged} acknowledged, ${writes.lost} lost, ${writes.duplicated} duplicated, ${writes.refused} refused`
      : '  no application wrote (the plan has no local/workload.sql)',
    ...(writes && writes.acknowledged === 0 && writes.refused > 0
      ? [
          `  no write was ever accepted, so this run proves nothing about writes; the last was refused with: ${lastRefusal}`,
        ]
      : []),
    ...(writeDowntimeMs === null ? [] : [`  write downtime: ${inWords(writeDowntimeMs)}`]),
    ...(failbackWriteDowntimeMs === null
      ? []
      : [`  write downtime of the failback: ${inWords(failbackWriteDowntimeMs)}`]),
    leftovers.length === 0 ? '  nothing of the run is left behind' : '  left behind:',
    ...leftovers.flatMap(({ what, command }) => [`    ${what}`, `      ${command}`]),
    `  report: ${reportFolder}/report.json, ${reportFolder}/report.md`,
  ];
}

/** Of other columns the comparison says more than an estimate does. */
function driftLines(shown: readonly DriftedColumn[]): string[] {
  const names = shown
    .filter(({ beyond, changedBy }) => beyond.length > 0 && changedBy !== undefined)
    .map(({ schema, table, name }) => `${schema}.${table}.${name}`);
  const more = names.length > NAMED ? ', …' : '';
  return names.length > 0 ? [`  rewritten, and look different: ${names.slice(0, NAMED).join(', ')}${more}`] : [];
}

function skippedLine(skipped: readonly string[]): string {
  return skipped.length === 0 ? '' : `; not ${skipped.join(', ')}, which has no key and is large`;
}

function inWords(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
