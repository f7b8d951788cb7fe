import type { CSSProperties } from "react";

const HEX = /^#[0-9a-f]{6}$/i;

/** For an element of class `tinted`. A colour that is none leaves the house's own. */
export function accentStyle(accent: string | undefined): CSSProperties {
  return accent !== undefined && HEX.test(accent) ? ({ "--accent": accent } as CSSProperties) : {};
}
