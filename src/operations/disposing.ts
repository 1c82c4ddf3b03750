/** For `using`: disposes of the object when the scope ends, whichever way. */
export function disposing(object: { dispose(): void }): Disposable {
  return { [Symbol.dispose]: () => object.dispose() };
}
