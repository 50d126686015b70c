/** The corpus that all libraries share; written by this project's tests, its path in CORPUS. */
import { readFileSync } from "node:fs";

export const corpus = JSON.parse(readFileSync(process.env.CORPUS, "utf8"));
export const good = corpus.believed["as it is made"];
