import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  // test/example is a project of its own: its test installs it elsewhere and checks its types there.
  { ignores: ["node_modules/", "dist/", ".pulumi-state/", "test/example/"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // node:test's `test()` and `describe()` give promises that the runner itself waits for.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", name: ["test", "describe", "it"], package: "node:test" }] },
      ],
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["infra/provider/**"],
    // Properties come from the engine as JSON; `String()` of one that must be text is meant.
    rules: { "@typescript-eslint/no-base-to-string": "off" },
  },
  {
    // Tests bend stack files and answers on purpose, and look at what comes of it.
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  { files: ["**/*.mjs", "**/*.cjs"], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ["**/*.cjs"],
    languageOptions: { sourceType: "commonjs", globals: { __dirname: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
