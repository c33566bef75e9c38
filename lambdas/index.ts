/** The entry of the one bundle that all functions share: each finds its handler under its own name. */
import { guard } from './guard';
import { guardHandler, phaseHandler } from './handler';
import { PHASE_CODE } from './phases';

const phases = Object.entries(PHASE_CODE).map(([name, phase]) => [name, phaseHandler(phase)] as const);

export = { ...Object.fromEntries(phases), guard: guardHandler(guard) };
