// The optional peers as model-process.js uses them; neither need be installed to build.
declare module '@xenova/transformers' {
  export const env: import('./model-host.js').Library['env'];
  export const pipeline: import('./model-host.js').Library['pipeline'];
}
declare module '@huggingface/transformers' {
  export const env: import('./model-host.js').Library['env'];
  export const pipeline: import('./model-host.js').Library['pipeline'];
}
