// The components, in one import for the pages.
export * from "./banner";
export * from "./button";
export * from "./dialog";
export * from "./form";
export * from "./lazy";
export * from "./light";
export * from "./load";
export * from "./page";
export * from "./roles";
export * from "./steps";
export * from "./table";
export * from "./tabs";
export * from "./text";
export * from "./toast";
