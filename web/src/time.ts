/** Times as people say them. `now` is a parameter so that the functions stay pure. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const month = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY = 86_400_000;

export const clockTime = (at: number): string => clock.format(at);
export const fullTime = (at: number): string => full.format(at);
export const monthName = (at: number): string => month.format(at);

/** A day, without the year when it is this one. */
export function dayDate(at: number, now: number): string {
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? short : date).format(at);
}

/** How many midnights lie between. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((new Date(later).setHours(0, 0, 0, 0) - new Date(earlier).setHours(0, 0, 0, 0)) / DAY);
}

export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0 || days === 1) return capital(relative.format(-days, "day"));
  if (new Date(at).getFullYear() === new Date(now).getFullYear()) return long.format(at);
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(at);
}

/** For narrow places: the clock today, then the day. */
export function shortWhen(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clock.format(at);
  if (days === 1) return capital(relative.format(-1, "day"));
  return days < 7 ? weekday.format(at) : short.format(at);
}

export function partOfDay(now: number): "morning" | "afternoon" | "evening" | "night" {
  const hour = new Date(now).getHours();
  if (hour < 5 || hour >= 22) return "night";
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
