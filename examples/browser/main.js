// The page of index.html. It reads a finished run from ./run/ (run.json, vectors/) and its networks from ./networks/ID.onnx; ./ort/ holds
// onnxruntime-web's .wasm files. `node examples/browser/build.mjs RUN OUT NETWORK...` lays all that out in a folder to be served.
import * as ort from "onnxruntime-web/wasm";
import { createEngine, openLiveNetwork, pictureOf } from "samesight/browser";

const $ = (selector) => document.querySelector(selector);
ort.env.wasm.wasmPaths = new URL("ort/", location.href).href;
ort.env.wasm.numThreads = 1;
const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

const run = await (await fetch("run/run.json")).json();
const engine = createEngine(ort);
const networks = [];
for (const model of run.models.filter((m) => m.twin_of == null)) {
  const file = model.id.replace(/[^\w.-]+/g, "_");
  const [network, vectors] = [await bytes(`networks/${file}.onnx`), await bytes(`run/vectors/${file}.safetensors`)];
  networks.push(await openLiveNetwork(engine, network, model, vectors, run.config.concepts.method));
}
$("#status").textContent = `${networks.length} networks ready`;

let seen; // what each network sees in the last photograph
let picture;

async function look(file) {
  picture = await pictureOf(file);
  const start = performance.now();
  seen = [];
  for (const network of networks) seen.push({ id: network.id, ...(await network.see(picture)) });
  $("#status").textContent = `${Math.round(performance.now() - start)} ms`;
  window.seen = seen;
  draw();
}

/** For each network its layer nearest to the depth asked for, a picture a concept. */
function draw() {
  if (!seen) return;
  const depth = Number($("#depth").value);
  $("#networks").replaceChildren(
    ...seen.map(({ id, geometry, layers }) => {
      const layer = layers.reduce((best, l) => (Math.abs(l.depth - depth) < Math.abs(best.depth - depth) ? l : best));
      const section = document.createElement("section");
      section.innerHTML = "<h2></h2>";
      section.firstChild.textContent = `${id}: ${layer.name}, depth ${layer.depth.toFixed(2)}`;
      for (let c = 0; c < layer.k; c++) section.append(figure(layer, c, geometry));
      return section;
    }),
  );
}

function figure(layer, c, { visible, content }) {
  const canvas = document.createElement("canvas");
  canvas.width = 180;
  canvas.height = Math.round((180 * picture.height) / picture.width);
  const context = canvas.getContext("2d");
  const scores = layer.scores.subarray(c * layer.h * layer.w, (c + 1) * layer.h * layer.w);
  const most = Math.max(...scores, 1e-9);
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const [u, v] = [(x + 0.5) / canvas.width, (y + 0.5) / canvas.height];
      const at = (Math.floor(v * picture.height) * picture.width + Math.floor(u * picture.width)) * 3;
      // from the photograph into the tensor: what the network did not see stays dark
      const tx = content.x0 + ((u - visible.x0) / (visible.x1 - visible.x0)) * (content.x1 - content.x0);
      const ty = content.y0 + ((v - visible.y0) / (visible.y1 - visible.y0)) * (content.y1 - content.y0);
      const inside = tx >= 0 && tx < 1 && ty >= 0 && ty < 1;
      const score = inside ? scores[Math.floor(ty * layer.h) * layer.w + Math.floor(tx * layer.w)] / most : 0;
      const light = 0.25 + 0.75 * Math.max(0, score);
      for (let i = 0; i < 3; i++) image.data[4 * (y * canvas.width + x) + i] = picture.data[at + i] * light;
      image.data[4 * (y * canvas.width + x) + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  const element = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = `concept ${c}`;
  element.append(canvas, caption);
  return element;
}

$("input[type=file]").addEventListener("change", (event) => look(event.target.files[0]));
$("#depth").addEventListener("input", draw);
const drop = $("#drop");
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  look(event.dataTransfer.files[0]);
});
