export * from "../linux/sysctl.js";
