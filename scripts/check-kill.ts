/**
 * npm run check:kill [-- MOMENTS SEED [full]]: SIGKILL at random moments, each resumed run must end with the bytes of an undisturbed one. `full`: a study with
 * named concepts, a twin and every control instead of a small one. Needs a build.
 */
import { fullStudy, killTest } from "../test/e2e/kill.js";

const [moments = "30", seed = "0", which] = process.argv.slice(2);
const study = which === "full" ? fullStudy() : undefined;
const { killed, equal } = await killTest(Number(moments), seed, (line) => console.log(line), study);
console.log(`${killed} of ${moments} runs killed, ${equal} of ${moments} ended with the same bytes`);
process.exitCode = equal === Number(moments) ? 0 : 1;
