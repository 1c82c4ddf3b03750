/** Names of the formats that are recognised and not read, by what their files begin with ("." stands for any byte). */
const beginnings: readonly (readonly [format: string, beginning: string])[] = [
  ['a WebP picture', 'RIFF....WEBP'],
  ['a GIF picture', 'GIF8'],
  ['an AVIF picture', '....ftypavi'],
  ['a HEIF picture', '....ftyphei'],
  ['a HEIF picture', '....ftyphev'],
  ['a HEIF picture', '....ftypmif1'],
  ['a HEIF picture', '....ftypmsf1'],
  ['a JPEG XL picture', '\xff\x0a'],
  ['a JPEG XL picture', '\0\0\0\x0cJXL '],
  ['a JPEG 2000 picture', '\0\0\0\x0cjP  '],
  ['a TIFF picture', 'II*\0'],
  ['a TIFF picture', 'MM\0*'],
  ['a BMP picture', 'BM'],
  ['a PDF document', '%PDF-'],
  ["another file's attributes, as macOS leaves them on foreign disks (AppleDouble)", '\0\x05\x16\x07'],
  ['a ciphertext file of resnet20-fhe', 'R20FHECT'],
];

/** What these bytes are, as a phrase; undefined where they begin like none of the known formats. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return beginnings.find(([, beginning]) =>
    [...beginning].every((character, index) => character === '.' || character === start[index]),
  )?.[0];
}

/** Pictures by their file's name, whether or not their format is read. */
export function namesPicture(file: string): boolean {
  return /\.(png|apng|jpe?g|jfif|webp|gif|avif|hei[cf]|jxl|jp2|tiff?|bmp)$/i.test(file);
}
