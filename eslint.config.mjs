import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import simpleImportSort from "eslint-plugin-simple-import-sort";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", ".cache/", ".state/", "coverage/", "images/", "**/*.mjs", "**/*.cjs"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  prettier,
  {
    plugins: { "simple-import-sort": simpleImportSort },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and enums in messages are wanted; objects are not.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      curly: ["error", "all"],
      // Node.js and packages first, then this project's own files, a blank line between.
      "simple-import-sort/imports": ["error", { groups: [["^\\u0000"], ["^node:", "^@?\\w"], ["^\\."]] }],
      // Pulumi resources are made for their effect.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      // `{ left, ...rest }` is how a field is left out.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    ignores: ["**/test/**", "bench/**", "examples/**"],
    rules: {
      // Fixed texts, numbers and lists of a module are CONSTANTS.
      "@typescript-eslint/naming-convention": [
        "error",
        {
          selector: "variable",
          modifiers: ["const", "global"],
          types: ["string", "number", "boolean", "array"],
          format: ["UPPER_CASE"],
        },
        { selector: "variable", modifiers: ["const", "global"], types: ["function"], format: ["camelCase"] },
        { selector: "typeLike", format: ["PascalCase"] },
      ],
    },
  },
  {
    files: ["test/**/*.ts", "packages/*/test/**/*.ts"],
    rules: {
      // Mocha's describe/it return values that nobody awaits.
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: ["describe", "it"] }],
    },
  },
);
