/** The network in half precision, input and output kept as they are. */
export function half(bytes: Uint8Array): Uint8Array;
