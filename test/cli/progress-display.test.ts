import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { ProgressDisplay } from '../../src/cli/progress-display.js';
import type { ProgressEvent } from '../../src/sessions/events.js';

const halfway: ProgressEvent = {
  event: 'progress',
  phase: 'circuit',
  text: 'stage2.block1',
  done: 5,
  total: 10,
  secondsLeft: 90,
};

/** Keeps what is written. */
class FakeStream {
  written = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}

  write(text: string): boolean {
    this.written += text;
    return true;
  }
}

function display(stream: FakeStream): ProgressDisplay {
  return new ProgressDisplay(stream as unknown as WriteStream, stream.isTTY);
}

test('on a terminal one line is rewritten, and removed before other text', () => {
  const stream = new FakeStream(true, 100);
  const progress = display(stream);
  progress.show(halfway);
  expect(stream.written).toBe(
    `\r\u001b[Kcircuit [${'#'.repeat(12)}${'-'.repeat(12)}] 50%  stage2.block1, 1 min 30 s left`,
  );
  stream.written = '';
  progress.clear();
  progress.clear();
  expect(stream.written).toBe('\r\u001b[K');
});

test('the line never wraps on a narrow terminal', () => {
  const stream = new FakeStream(true, 40);
  display(stream).show({ ...halfway, text: 'a stage with a very long name indeed' });
  expect(stream.written.replace('\r\u001b[K', '').length).toBeLessThan(40);
});

test('elsewhere a stage is one line, however often it reports', () => {
  const stream = new FakeStream(false, 80);
  const progress = display(stream);
  progress.show(halfway);
  progress.show({ ...halfway, done: 6, secondsLeft: 70 });
  progress.show({ ...halfway, text: 'linear', secondsLeft: undefined });
  expect(stream.written).toBe('circuit: stage2.block1, 1 min 30 s left\ncircuit: linear\n');
});

test('without a known total there is no bar, and elsewhere a line for each hundred', () => {
  const classified = (done: number): ProgressEvent => {
    return { event: 'progress', phase: 'images', text: `${done} classified`, done, total: 0, secondsLeft: undefined };
  };
  const terminal = new FakeStream(true, 80);
  display(terminal).show(classified(7));
  expect(terminal.written).toBe('\r\u001b[Kimages: 7 classified');

  const stream = new FakeStream(false, 80);
  const progress = display(stream);
  for (let done = 4; done <= 204; done += 4) {
    progress.show(classified(done));
  }
  expect(stream.written).toBe('images: 4 classified\nimages: 100 classified\nimages: 200 classified\n');
});

test('elsewhere a phase without stages is a line for each tenth', () => {
  const stream = new FakeStream(false, 80);
  const progress = display(stream);
  for (let done = 0; done <= 100; done++) {
    progress.show({ event: 'progress', phase: 'keys', text: `key ${done}`, done, total: 100, secondsLeft: undefined });
  }
  expect(stream.written).toBe(Array.from({ length: 11 }, (_, index) => `keys: key ${10 * index}\n`).join(''));
});

test('elsewhere a phase that begins again, with the next files, is shown again', () => {
  const stream = new FakeStream(false, 80);
  const progress = display(stream);
  for (const side of ['secret', 'evaluation']) {
    for (const done of [5, 10]) {
      progress.show({ event: 'progress', phase: 'load', text: side, done, total: 10, secondsLeft: undefined });
    }
  }
  expect(stream.written).toBe('load: secret\nload: secret\nload: evaluation\nload: evaluation\n');
});
