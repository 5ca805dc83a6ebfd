export * from "../linux/file.js";
