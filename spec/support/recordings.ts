let verifications: (() => void)[] = [];

/** Has a verification done when the test that asks for it has ended. */
export const verifyAfterTest = (verify: () => void): void => {
  verifications.push(verify);
};

/** Does all verifications that were asked for since the last call. */
export function verifyRecordings(): void {
  const asked = verifications;
  verifications = [];
  for (const verify of asked) verify();
}
