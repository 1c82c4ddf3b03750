/** libjpeg-turbo, compiled to WebAssembly: a sandbox of its own memory for data that nobody vouches for. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  export interface JpegDecoder {
    /** Memory of the module for a file of so many bytes. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Decodes what was put there. Throws a number when it is damaged, also where a lenient reader would go on. */
    decode(): void;
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: 1 | 3 };
    /** Memory of the module: [height, width, componentCount], grey or RGB. */
    getDecodedBuffer(): Uint8Array;
    /** Frees the buffers. */
    delete(): void;
  }

  export interface JpegModule {
    readonly JPEGDecoder: new () => JpegDecoder;
    /** All of the module's memory, which grows and never shrinks. */
    readonly HEAPU8: Uint8Array;
  }

  /** Makes a new instance with memory of its own. */
  export default function libjpegTurbo(): Promise<JpegModule>;
}
