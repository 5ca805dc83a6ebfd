/**
 * Colours of Okabe and Ito's palette, which people with any colour blindness tell apart; ways differ by their dashes as
 * well. Request and reply are readable on white and on a dark page.
 */
export const colours = {
  request: "#0072b2",
  reply: "#d55e00",
  bond: "#7a4a8c",
  vip: "#007a5a",
  dip: "#6b4c9a",
  lip: "#8a5a00",
  ink: "#1b2430",
  quiet: "#566170",
  paper: "#ffffff",
  group: "#f3f5f8",
  border: "#c3cbd6",
  chips: ["#cfe4f7", "#fbe0b8", "#cdeedd", "#f3d3e5", "#f5efa9", "#dcdfe4"],
} as const;

/** Dashes of a reply's line. */
export const REPLY_DASHES = "9 5";
