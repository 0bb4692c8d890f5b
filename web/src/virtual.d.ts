// Modules that the build makes (web/plugins).
declare module "virtual:help/ja" {
  const topics: import("./pages/help/view").Topic[];
  export default topics;
}
declare module "virtual:help/en" {
  const topics: import("./pages/help/view").Topic[];
  export default topics;
}
