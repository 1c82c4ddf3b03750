const summed = ['predictedSeconds', 'seconds', 'processorSeconds'];

/** For each stage of a trace, in order, what its steps took and were predicted to take. */
export function sumsByStage(steps) {
  const stages = new Map();
  for (const step of steps) {
    const stage = stages.get(step.stage) ?? { stage: step.stage, predictedSeconds: 0, seconds: 0, processorSeconds: 0 };
    stages.set(step.stage, stage);
    for (const name of summed) {
      stage[name] += step[name];
    }
  }
  return [...stages.values()];
}
