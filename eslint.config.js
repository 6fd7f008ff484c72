import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["build/", "out/", "prebuilds/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_$" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: { sourceType: "commonjs" },
  },
  {
    files: ["test/browser/page/**"],
    languageOptions: { sourceType: "script", globals: globals.browser },
  },
  {
    // A suite of tests is one function.
    files: ["test/**"],
    rules: { "max-lines-per-function": "off" },
  },
];
