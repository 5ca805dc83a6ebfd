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
  { files: ["**/*.mjs"], extends: [tseslint.configs.disableTypeChecked] },
);
