/** What needs a browser: onnxruntime-web as the engine, pictures from files, networks of a finished study live. The pure stages are in `samesight`. */
export type { LiveLayer, LiveNetwork } from "./concepts.js";
export { openLiveNetwork } from "./concepts.js";
export type { OnnxRuntime } from "./engine.js";
export { createEngine } from "./engine.js";
export { pictureOf } from "./picture.js";
