import type { TensorValue } from "samesight";

export type Ranges = Map<string, [least: number, greatest: number]>;
export function activationsOf(bytes: Uint8Array): string[];
export function quantise(bytes: Uint8Array, ranges: Ranges): Uint8Array;
export function calibrate(
  bytes: Uint8Array,
  inputName: string,
  inputs: Iterable<TensorValue> | AsyncIterable<TensorValue>,
): Promise<Ranges>;
