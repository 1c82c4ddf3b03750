export const FAILED_EXIT_CODE = 1;
export const USAGE_EXIT_CODE = 2;
