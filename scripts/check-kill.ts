/** npm run check:kill [-- MOMENTS SEED]: SIGKILL at random moments, each resumed run must end with the bytes of an undisturbed one. Needs a build. */
import { killTest } from "../test/e2e/kill.js";

const [moments = "30", seed = "0"] = process.argv.slice(2);
const { killed, equal } = await killTest(Number(moments), seed, (line) => console.log(line));
console.log(`${killed} of ${moments} runs killed, ${equal} of ${moments} ended with the same bytes`);
process.exitCode = equal === Number(moments) ? 0 : 1;
